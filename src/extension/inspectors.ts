/** Inspector views: beside an answer of the chat, and as the editor of trace files. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import type { GenerationChoice } from "../client/chat/answerRun";
import type { Chat } from "../client/chat/createChat";
import type { EngineProcess } from "../client/engine/engineProcess";
import { InspectorHost, type OpenTrace } from "../client/inspector/inspectorHost";
import { fileBytes } from "../client/inspector/traceBytes";
import { isRunning } from "../shared/chat/chatState";
import { bytesInMemory } from "../shared/trace/byteSource";
import { runWithOtherCache } from "./compareRuns";
import { copy, saveBytes } from "./editorSurroundings";
import type { Models } from "./models";
import { connectWebview } from "./webviewConnection";
import { fillWebview } from "./webviewHtml";

/** A trace that is open as an editor, with its bytes at hand. */
export interface TraceDocument extends vscode.CustomDocument {
  trace: OpenTrace;
}

export class Inspectors {
  private replaying: EngineProcess | undefined;

  constructor(
    private readonly extension: vscode.Uri,
    private readonly chat: () => Promise<Chat>,
    private readonly models: Models,
    private readonly choice: () => GenerationChoice,
  ) {}

  /** The document of a trace file, local or behind the editor's file system. */
  async open(uri: vscode.Uri): Promise<TraceDocument> {
    return { uri, trace: await traceAt(uri), dispose: () => undefined };
  }

  show({ trace }: TraceDocument, panel: vscode.WebviewPanel): void {
    this.serve(panel, [trace]);
  }

  /** Beside the chat; a trace that is still being written goes on growing there. */
  async openAnswer(answer: string, title: string): Promise<void> {
    this.openBeside(title, [storedTrace(await this.chat(), answer, title)], answer);
  }

  /** Runs the newest question that has an answer once more, and shows both runs side by side. */
  async compareRuns(): Promise<void> {
    const chat = await this.chat();
    const { turns } = chat.session.state.conversation;
    const last = turns.findLastIndex(({ answer }) => answer.hasTrace && !isRunning(answer));
    if (last < 0) throw new Error(vscode.l10n.t("There is no answer to compare yet: ask first."));
    const { question, answer } = turns[last];
    const second = await runWithOtherCache(chat, this.choice(), turns.slice(0, last + 1));
    if (!second) return;
    const traces = [
      storedTrace(chat, answer.id, question.text),
      storedTrace(chat, second.run, second.title),
    ];
    this.openBeside(second.title, traces, answer.id);
  }

  private openBeside(title: string, traces: OpenTrace[], answer: string): void {
    const panel = vscode.window.createWebviewPanel(
      "rkv.inspector",
      vscode.l10n.t("Cache: {0}", title),
      vscode.ViewColumn.Beside,
      { enableFindWidget: false },
    );
    panel.iconPath = vscode.Uri.joinPath(this.extension, "media", "icons", "icon.png");
    this.serve(panel, traces, answer);
  }

  /** A trace file that the person picks, in an editor of its own. */
  async openFile(): Promise<void> {
    const picked = await pickTraceFile();
    if (picked) await vscode.commands.executeCommand("vscode.openWith", picked, "rkv.traceEditor");
  }

  /** `answer` is set where the trace belongs to an answer of the chat, which can be replayed. */
  private serve(panel: vscode.WebviewPanel, traces: OpenTrace[], answer?: string): void {
    const host = new InspectorHost(traces, {
      abilities: { replay: answer !== undefined, compare: true, reveal: answer !== undefined },
      replay: (trace, onProgress) => this.replay(trace, onProgress),
      cancelReplay: () => Promise.resolve(this.replaying?.kill("because the replay was cancelled")),
      pickComparison: () => this.pickComparison(),
      saveFile: saveBytes,
      copy,
      viewer: () => this.viewer(),
      reveal: async () => vscode.commands.executeCommand("rkv.focusChat"),
    });
    const detach = host.attach(connectWebview(panel.webview));
    panel.onDidChangeViewState(() => panel.visible || host.stopWatching());
    panel.onDidDispose(detach);
    fillWebview(panel.webview, this.extension, "inspector", panel.title);
  }

  private async replay(
    answer: string,
    onProgress: (done: number, total: number) => void,
  ): Promise<{ tokens: number; firstDivergence: number | null; meanKl: number }> {
    const { supervisor, traces, session } = await this.chat();
    if (session.isRunning)
      throw new Error(vscode.l10n.t("An answer is being written: replay when it has ended."));
    const { folder, device } = this.models.current();
    const traceFile = traces.fileOf(answer);
    return supervisor.useApart(async (engine) => {
      this.replaying = engine;
      const stop = engine.subscribe({ replaying: ({ done, total }) => onProgress(done, total) });
      return engine.request("replay", { run: answer, traceFile, folder, device }).finally(stop);
    });
  }

  /** Another answer of the open conversation, or a file. */
  private async pickComparison(): Promise<OpenTrace | undefined> {
    const chat = await this.chat();
    const { turns } = chat.session.state.conversation;
    const items: (vscode.QuickPickItem & { answer?: string })[] = turns
      .filter(({ answer }) => answer.hasTrace)
      .map(({ question, answer }) => ({ label: question.text, answer: answer.id }));
    items.push({ label: `$(folder-opened) ${vscode.l10n.t("Trace File…")}` });
    const title = vscode.l10n.t("Run to compare with");
    const picked = await vscode.window.showQuickPick(items, { title });
    if (picked?.answer !== undefined) return storedTrace(chat, picked.answer, picked.label);
    const uri = picked && (await pickTraceFile());
    return uri && traceAt(uri);
  }

  private async viewer(): Promise<{ script: string; style: string }> {
    const folder = path.join(this.extension.fsPath, "dist", "webview");
    const [script, style] = await Promise.all(
      ["inspector.js", "inspector.css"].map((name) => readFile(path.join(folder, name), "utf8")),
    );
    return { script: script ?? "", style: style ?? "" };
  }
}

function storedTrace({ traces, session }: Chat, answer: string, name: string): OpenTrace {
  const isLive = (): boolean =>
    session.isRunning &&
    session.state.conversation.turns.some(
      (turn) => turn.answer.id === answer && isRunning(turn.answer),
    );
  return { id: answer, name, bytes: fileBytes(traces.fileOf(answer)), isLive };
}

async function traceAt(uri: vscode.Uri): Promise<OpenTrace> {
  const bytes =
    uri.scheme === "file"
      ? fileBytes(uri.fsPath)
      : bytesInMemory(await vscode.workspace.fs.readFile(uri));
  const name = uri.path.split("/").at(-1) ?? uri.path;
  return { id: uri.toString(), name, bytes, isLive: () => false };
}

async function pickTraceFile(): Promise<vscode.Uri | undefined> {
  const filters = { [vscode.l10n.t("R-KV traces")]: ["rkvtrace"] };
  return (await vscode.window.showOpenDialog({ filters }))?.[0];
}
