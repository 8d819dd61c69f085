/** A webview's page: it runs this extension's own files and reaches nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Uri, type Webview } from "vscode";
import { fillWebview } from "../../src/extension/webviewHtml";

const source = "https://*.vscode-cdn.net";

function filled(view: "chat" | "inspector", title = "R-KV Chat"): Webview {
  const webview = {
    cspSource: source,
    asWebviewUri: ({ path }: Uri) => `https://file.vscode-cdn.net${path}`,
  } as unknown as Webview;
  fillWebview(webview, Uri.file("/extension"), view, title);
  return webview;
}

function directivesOf({ html }: Webview): Map<string, string> {
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? "";
  const directives = policy.replaceAll("&#39;", "'").split("; ");
  return new Map(
    directives.map((directive) => [
      directive.split(" ", 1)[0],
      directive.slice(directive.indexOf(" ") + 1),
    ]),
  );
}

for (const view of ["chat", "inspector"] as const)
  test(`the ${view} loads its own script and style, and nothing in its page is inline`, () => {
    const { html, options } = filled(view);
    const address = "https://file.vscode-cdn.net/extension/dist/webview";
    assert.ok(html.includes(`<script type="module" src="${address}/${view}.js"></script>`));
    assert.ok(html.includes(`<link rel="stylesheet" href="${address}/${view}.css" />`));
    assert.doesNotMatch(html, /<style|<script(?![^>]* src=)| on\w+=/);
    assert.deepEqual(options.localResourceRoots?.map(String), ["file:///extension/dist/webview"]);
  });

test("its policy lets scripts come from the extension alone, and nothing out", () => {
  const directives = directivesOf(filled("chat"));
  assert.equal(directives.get("default-src"), "'none'");
  assert.equal(directives.get("script-src"), source);
  assert.equal(directives.get("connect-src"), "'none'");
  assert.equal(directives.get("base-uri"), "'none'");
  assert.equal(directives.get("form-action"), "'none'");
  assert.match(directives.get("style-src") ?? "", /^https:\/\/\*\.vscode-cdn\.net 'sha256-/);
  for (const sources of directives.values()) assert.doesNotMatch(sources, /unsafe|\*(?!\.vscode)/);
});

test("a title is words, whatever it holds", () => {
  const { html } = filled("inspector", "</title><script>alert(1)</script>");
  assert.ok(!html.includes("<script>alert"), html);
});
