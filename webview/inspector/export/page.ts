import { forHtml } from "../../../src/shared/strangersText";

/** Ids of the elements that hold a trace, its name and the viewer in a saved page. */
export const embedded = { trace: "trace", viewer: "viewer" } as const;

/** The viewer's own bundle, as any build makes it: a module, minified or not. */
export interface Viewer {
  script: string;
  style: string;
}

/** As text of a JSON element the viewer cannot end that element, whatever stands in its code. */
const begin = `
const { script, style } = JSON.parse(document.getElementById("${embedded.viewer}").textContent);
const add = (tag, text, more) =>
  document.head.append(Object.assign(document.createElement(tag), { textContent: text, ...more }));
add("style", style);
add("script", script, { type: "module" });
`;

/**
 * One HTML file that holds a trace and the viewer, opens anywhere and asks nobody for anything:
 * its policy forbids every request.
 */
export function selfContainedPage(name: string, trace: Uint8Array, viewer: Viewer): string {
  const policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${forHtml(name)}</title>
</head>
<body>
<script type="application/octet-stream" id="${embedded.trace}" data-name="${forHtml(name)}">${base64(trace)}</script>
<script type="application/json" id="${embedded.viewer}">${jsonInHtml(viewer)}</script>
<script>${begin}</script>
</body>
</html>
`;
}

function jsonInHtml(value: object): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

export function base64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  const size = 3 * 8192;
  for (let from = 0; from < bytes.length; from += size)
    pieces.push(btoa(String.fromCharCode(...bytes.subarray(from, from + size))));
  return pieces.join("");
}
