/** An editor of an extension's own, with a page in it that asks what a test has it ask. */
import type { MessageConnection } from "vscode-jsonrpc";
import type * as vscode from "vscode";
import { connectWebview } from "../../src/extension/webviewConnection";
import { EventEmitter } from "./fakeEvents";

export class FakePanel {
  readonly visible = true;
  iconPath: unknown;
  /** How often it was brought to the front. */
  reveals = 0;
  private readonly disposing = new EventEmitter<void>();
  private readonly toHost = new EventEmitter<unknown>();
  private readonly toPage = new EventEmitter<unknown>();
  readonly onDidDispose = this.disposing.event;
  readonly onDidChangeViewState = new EventEmitter<void>().event;
  readonly webview = {
    html: "",
    options: {},
    cspSource: "fake:",
    asWebviewUri: (uri: unknown) => uri,
    onDidReceiveMessage: this.toHost.event,
    postMessage: (message: unknown) => Promise.resolve(this.toPage.fire(message)),
  };
  /** The page's end of the wire; not yet listening. */
  readonly page: MessageConnection = connectWebview({
    onDidReceiveMessage: this.toPage.event,
    postMessage: (message: unknown) => Promise.resolve(this.toHost.fire(message)),
  } as unknown as vscode.Webview);

  constructor(
    public title: string,
    readonly viewColumn: number,
  ) {}

  reveal(): void {
    this.reveals++;
  }

  dispose(): void {
    this.disposing.fire();
  }
}
