/** Inspector views: beside the chat, which one of them follows, and as the editor of trace files. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import type { GenerationChoice } from "../client/chat/answerRun";
import type { Chat } from "../client/chat/createChat";
import { shortened } from "../client/chat/newConversation";
import type { EngineProcess } from "../client/engine/engineProcess";
import type { Follower, Look } from "../client/inspector/followed";
import {
  type FollowedChat,
  InspectorHost,
  type InspectorSurroundings,
} from "../client/inspector/inspectorHost";
import { fileBytes, heldBytes, type OpenTrace } from "../client/inspector/traceBytes";
import { isRunning } from "../shared/chat/chatState";
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
  /** Those beside the chat, in the order in which they were opened. */
  private readonly panels = new Map<Follower, vscode.WebviewPanel>();

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
    const look = { traces: [trace], chain: 0 };
    this.serve(panel, new InspectorHost(look, this.surroundings(panel, false)));
  }

  /** The one that follows the chat, brought to the front where it is open. */
  async openFollowing(): Promise<void> {
    const { following } = await this.chat();
    const [follower] = following.followers;
    const panel = follower && this.panels.get(follower);
    if (panel) panel.reveal();
    else this.openBeside(following.look, { following });
  }

  /** One that was open when the window was closed. */
  async restore(panel: vscode.WebviewPanel): Promise<void> {
    const { following } = await this.chat();
    this.serveChat(panel, following.look, { following });
  }

  /** Runs the newest question that has an answer once more, and shows both runs side by side. */
  async compareRuns(): Promise<void> {
    const chat = await this.chat();
    const { turns } = chat.session.state.conversation;
    const last = turns.findLastIndex(({ answer }) => answer.hasTrace && !isRunning(answer));
    if (last < 0) throw new Error(vscode.l10n.t("There is no answer to compare yet: ask first."));
    const { answer } = turns[last];
    const second = await runWithOtherCache(chat, this.choice(), turns.slice(0, last + 1));
    if (!second) return;
    const { following } = chat;
    const other = { ...following.traceOf(second.run), name: second.title };
    following.show({ traces: [following.traceOf(answer.id), other], chain: 0 });
    await this.openFollowing();
  }

  /** A third one and those after it share a column: three columns are too narrow for any. */
  private openBeside(look: Look, chat: FollowedChat): void {
    const others = [...this.panels.values()];
    const column = others.length > 1 ? others.at(-1)?.viewColumn : undefined;
    const panel = vscode.window.createWebviewPanel(
      "rkv.inspector",
      titleOf(look),
      column ?? vscode.ViewColumn.Beside,
      { enableFindWidget: false },
    );
    this.serveChat(panel, look, chat);
  }

  private serveChat(panel: vscode.WebviewPanel, look: Look, chat: FollowedChat): void {
    const host = new InspectorHost(look, this.surroundings(panel, true), chat);
    panel.iconPath = vscode.Uri.joinPath(this.extension, "media", "icons", "icon.png");
    this.panels.set(host, panel);
    panel.onDidDispose(() => this.panels.delete(host));
    this.serve(panel, host);
  }

  /** A trace file that the person picks, in an editor of its own. */
  async openFile(): Promise<void> {
    const picked = await pickTraceFile();
    if (picked) await vscode.commands.executeCommand("vscode.openWith", picked, "rkv.traceEditor");
  }

  private serve(panel: vscode.WebviewPanel, host: InspectorHost): void {
    const detach = host.attach(connectWebview(panel.webview));
    panel.onDidChangeViewState(() => panel.visible || host.stopWatching());
    panel.onDidDispose(detach);
    fillWebview(panel.webview, this.extension, "inspector", panel.title);
  }

  /** `isOfChat`: what is shown are answers of the chat, which can be replayed. */
  private surroundings(panel: vscode.WebviewPanel, isOfChat: boolean): InspectorSurroundings {
    return {
      abilities: { replay: isOfChat, compare: true, reveal: isOfChat, follow: isOfChat },
      replay: (trace, onProgress) => this.replay(trace, onProgress),
      cancelReplay: () => Promise.resolve(this.replaying?.kill("because the replay was cancelled")),
      pickComparison: () => this.pickComparison(),
      saveFile: saveBytes,
      copy,
      viewer: () => this.viewer(),
      reveal: async () => vscode.commands.executeCommand("rkv.focusChat"),
      openAnother: async (look) => {
        const { following } = await this.chat();
        this.openBeside(look, { following, isPinned: true });
      },
      shown: (look) => {
        if (isOfChat) panel.title = titleOf(look);
      },
    };
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
    if (picked?.answer !== undefined) return chat.following.traceOf(picked.answer);
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

const longestTitle = 32;

function titleOf({ traces }: Look): string {
  const names = traces.map(({ name }) => name).join(" | ");
  return vscode.l10n.t("Cache: {0}", shortened(names, longestTitle));
}

async function traceAt(uri: vscode.Uri): Promise<OpenTrace> {
  const bytes =
    uri.scheme === "file"
      ? fileBytes(uri.fsPath)
      : heldBytes(await vscode.workspace.fs.readFile(uri));
  const name = uri.path.split("/").at(-1) ?? uri.path;
  return { id: uri.toString(), name, bytes, isLive: () => false };
}

async function pickTraceFile(): Promise<vscode.Uri | undefined> {
  const filters = { [vscode.l10n.t("R-KV traces")]: ["rkvtrace"] };
  return (await vscode.window.showOpenDialog({ filters }))?.[0];
}
