import { forHtml } from "../../../src/shared/strangersText";

/** Ids of the elements that hold a trace, its name and the viewer in a saved page. */
export const embedded = { trace: "trace", script: "viewer", style: "viewer-style" } as const;

/**
 * One HTML file that holds a trace and the viewer, opens anywhere and asks nobody for anything:
 * its policy forbids every request.
 */
export function selfContainedPage(
  name: string,
  trace: Uint8Array,
  viewer: { script: string; style: string },
): string {
  const policy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${forHtml(name)}</title>
<style id="${embedded.style}">${viewer.style.replaceAll("</style", "<\\/style")}</style>
</head>
<body>
<script type="application/octet-stream" id="${embedded.trace}" data-name="${forHtml(name)}">${base64(trace)}</script>
<script id="${embedded.script}">${viewer.script.replaceAll("</script", "<\\/script")}</script>
</body>
</html>
`;
}

function base64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  const size = 3 * 8192;
  for (let from = 0; from < bytes.length; from += size)
    pieces.push(btoa(String.fromCharCode(...bytes.subarray(from, from + size))));
  return pieces.join("");
}
