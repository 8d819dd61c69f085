/** Fills a webview with one of the built views; it can load nothing but this extension's own files. */
import * as vscode from "vscode";
import { webviewPage } from "../shared/webviewPage";

/** `extension`: the folder that the extension is installed in. */
export function fillWebview(
  webview: vscode.Webview,
  extension: vscode.Uri,
  view: "chat" | "inspector",
  title: string,
): void {
  const folder = vscode.Uri.joinPath(extension, "dist", "webview");
  webview.options = { enableScripts: true, localResourceRoots: [folder] };
  const address = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
  webview.html = webviewPage({
    title,
    language: vscode.env.language,
    script: address(`${view}.js`),
    style: address(`${view}.css`),
    source: webview.cspSource,
  });
}
