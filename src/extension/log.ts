/** The output channel, and the end of what the engine wrote for the diagnostics. */
import * as vscode from "vscode";

const wordsKept = 8_192;

export class Log implements vscode.Disposable {
  lastWords = "";
  private readonly channel = vscode.window.createOutputChannel("R-KV Lens", { log: true });

  /** What the engine's process wrote, as it came. */
  append(text: string): void {
    this.lastWords = (this.lastWords + text).slice(-wordsKept);
    this.channel.info(text.trimEnd());
  }

  error(error: unknown): void {
    this.channel.error(error instanceof Error ? error : String(error));
  }

  show(): void {
    this.channel.show();
  }

  dispose(): void {
    this.channel.dispose();
  }
}
