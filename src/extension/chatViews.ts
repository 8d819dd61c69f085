/** The chat as a view of its own container and as an editor tab; both show the same session. */
import * as vscode from "vscode";
import type { MessageConnection } from "vscode-jsonrpc";
import type { ChatHost } from "../client/chat/chatHost";
import type { ViewEvents } from "../shared/chat/chatApi";
import { emit } from "../shared/wire/wire";
import { connectWebview } from "./webviewConnection";
import { fillWebview } from "./webviewHtml";

export class ChatViews {
  private newest: MessageConnection | undefined;

  constructor(
    private readonly extension: vscode.Uri,
    private readonly host: () => Promise<ChatHost>,
  ) {}

  /** In the side bar; the editor makes the view anew each time it is opened. */
  async showView(view: vscode.WebviewView): Promise<void> {
    const detach = await this.connect(view.webview);
    view.onDidChangeVisibility(() => view.visible || detach());
    view.onDidDispose(detach);
  }

  /** In an editor tab, also one that the editor brings back after a restart. */
  async showPanel(panel: vscode.WebviewPanel): Promise<void> {
    const detach = await this.connect(panel.webview);
    panel.onDidChangeViewState(() => panel.visible || detach());
    panel.onDidDispose(detach);
  }

  async openInEditor(): Promise<void> {
    const panel = vscode.window.createWebviewPanel(
      "rkv.chatPanel",
      "R-KV Chat",
      vscode.ViewColumn.Active,
    );
    panel.iconPath = vscode.Uri.joinPath(this.extension, "media", "icons", "icon.png");
    await this.showPanel(panel);
  }

  /** Shows the chat, and moves the keyboard to where a question is written. */
  async focusComposer(): Promise<void> {
    await vscode.commands.executeCommand("rkv.chat.focus");
    if (this.newest) await emit<ViewEvents, "focusComposer">(this.newest, "focusComposer", null);
  }

  /** Returns what stops sending to the view; it subscribes again by itself when it is back. */
  private async connect(webview: vscode.Webview): Promise<() => void> {
    const host = await this.host();
    const connection = connectWebview(webview);
    const detach = host.attach(connection);
    this.newest = connection;
    fillWebview(webview, this.extension, "chat", "R-KV Chat");
    return detach;
  }
}
