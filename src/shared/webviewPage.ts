/** The HTML page around a view, the same in every host; nothing in it is inline. */
import { forHtml } from "./strangersText";

/** What differs between pages and hosts. */
export interface WebviewPage {
  title: string;
  language: string;
  /** Addresses of dist/webview/NAME.js and NAME.css, which the policy's sources must allow. */
  script: string;
  style: string;
  /** Where scripts and styles may come from: the webview's cspSource, or 'self'. */
  source: string;
  /** What may be fetched or connected to; nothing if absent. */
  connect?: string;
  /** Attributes of the body, such as `rpc`, given to the page as its data set. */
  data?: Record<string, string>;
}

/** Of nothing: the toolkit's elements carry empty styles, and each would be reported. */
const emptyStyle = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

/** The page's Content-Security-Policy: everything is refused that is not named here. */
export function contentPolicy({ source, connect = "'none'" }: WebviewPage): string {
  return [
    "default-src 'none'",
    `script-src ${source}`,
    `style-src ${source} ${emptyStyle}`,
    `connect-src ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** The whole document; whatever it is given is escaped. */
export function webviewPage(page: WebviewPage): string {
  const data = Object.entries(page.data ?? {}).map(
    ([name, value]) => ` data-${name}="${forHtml(value)}"`,
  );
  return `<!doctype html>
<html lang="${forHtml(page.language)}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta http-equiv="Content-Security-Policy" content="${forHtml(contentPolicy(page))}" />
    <title>${forHtml(page.title)}</title>
    <link rel="stylesheet" href="${forHtml(page.style)}" />
    <script type="module" src="${forHtml(page.script)}"></script>
  </head>
  <body${data.join("")}></body>
</html>
`;
}
