/** What the extension does, loaded when it is first needed: the chat and all that goes with it. */
import * as vscode from "vscode";
import type { GenerationChoice } from "../client/chat/answerRun";
import { type Chat, createChat } from "../client/chat/createChat";
import type { Choosable } from "../shared/chat/chatApi";
import { reasonOf } from "../shared/reasonOf";
import { pickBudget, pickChains, pickPolicy, stepBudget, togglePinPrompt } from "./cacheCommands";
import { ChatViews } from "./chatViews";
import type { CommandName } from "./commandTable";
import { showDiagnostics } from "./diagnostics";
import { downloadModel } from "./downloadModel";
import * as editor from "./editorSurroundings";
import { Inspectors } from "./inspectors";
import { LanguageModel } from "./languageModel";
import { Log } from "./log";
import { Models } from "./models";
import {
  readCacheChoice,
  readIdleMillis,
  readSamplingChoice,
  readSetting,
  writeCacheChoice,
  writeSetting,
} from "./settings";
import { StatusBar } from "./statusBar";
import { refuseUntrusted, whyNoEngine } from "./trust";

export class Workbench {
  readonly inspectors: Inspectors;
  readonly views: ChatViews;
  readonly languageModel: LanguageModel;
  private readonly log = new Log();
  private readonly models: Models;
  private chat: Chat | undefined;
  private restored: Promise<void> | undefined;
  private statusBar: StatusBar | undefined;

  constructor(private readonly context: vscode.ExtensionContext) {
    const bundled = vscode.Uri.joinPath(context.extensionUri, "media", "model").fsPath;
    this.models = new Models(bundled, () => this.create().supervisor);
    this.inspectors = new Inspectors(
      context.extensionUri,
      () => this.ready(),
      this.models,
      () => this.choice(),
    );
    this.views = new ChatViews(context.extensionUri, async () => (await this.ready()).host);
    this.languageModel = new LanguageModel(
      this.models,
      async () => (await this.ready()).supervisor,
    );
    context.subscriptions.push(this.log, { dispose: () => this.statusBar?.dispose() });
  }

  /** Runs a command; what goes wrong is told in the words it came with. */
  async run(name: CommandName): Promise<void> {
    try {
      refuseUntrusted(name);
      await this.commands()[name](await this.ready());
    } catch (error) {
      this.log.error(error);
      const open = vscode.l10n.t("Show Log");
      const choice = await vscode.window.showErrorMessage(reasonOf(error), open);
      if (choice === open) this.log.show();
    }
  }

  /** The chat follows a change at once, also in the middle of an answer. */
  onSettings(event: vscode.ConfigurationChangeEvent): void {
    if (!this.chat || !event.affectsConfiguration("rkv")) return;
    const { session, supervisor } = this.chat;
    if (event.affectsConfiguration("rkv.cache"))
      session.configure(readCacheChoice()).catch((error: unknown) => this.log.error(error));
    if (event.affectsConfiguration("rkv.generation"))
      session.setChains(readSetting("generation.chains"));
    if (event.affectsConfiguration("rkv.model")) session.onSupervisor(supervisor.status);
  }

  /** Ends the engine, and keeps what it has said so far. */
  async close(): Promise<void> {
    await this.chat?.close();
  }

  private commands(): Record<CommandName, (chat: Chat) => Promise<unknown> | void> {
    return {
      setBudget: ({ host, session }) => pickBudget(host, session),
      setChains: ({ host }) => pickChains(host),
      setPolicy: ({ host }) => pickPolicy(host),
      pinPrompt: ({ host, session }) => togglePinPrompt(host, session),
      nextBudget: ({ host, session }) => stepBudget(host, session, 1),
      previousBudget: ({ host, session }) => stepBudget(host, session, -1),
      selectModel: () => this.models.pick(),
      checkModel: () => this.models.check(),
      downloadModel: () => downloadModel(this.context, (folder) => this.models.select(folder)),
      unloadModel: ({ supervisor }) => supervisor.unload(),
      measureDevices: ({ session }) => {
        if (session.isRunning)
          throw new Error(vscode.l10n.t("An answer is being written: measure when it has ended."));
        return this.models.measureDevices();
      },
      showDiagnostics: ({ supervisor }) =>
        showDiagnostics(this.version(), supervisor.status, this.log.lastWords),
      newConversation: ({ session }) => session.openNew(),
      stop: ({ session }) => session.stop(),
      focusChat: () => this.views.focusComposer(),
      openInEditor: () => this.views.openInEditor(),
      openInspector: (chat) => this.openInspector(chat),
      openTrace: () => this.inspectors.openFile(),
      compareRuns: () => this.inspectors.compareRuns(),
      exportConversation: (chat) => this.export(chat),
      attachSelection: (chat) => this.attachSelection(chat),
    };
  }

  /** The chat with the conversation that was open last. */
  private async ready(): Promise<Chat> {
    const chat = this.create();
    this.restored ??= chat.session.restore();
    await this.restored;
    return chat;
  }

  private create(): Chat {
    if (this.chat) return this.chat;
    const storage = this.context.storageUri ?? this.context.globalStorageUri;
    const statusBar = new StatusBar();
    const chat = createChat({
      engineScript: vscode.Uri.joinPath(this.context.extensionUri, "dist", "engine.js").fsPath,
      storage: storage.fsPath,
      abilities: { editor: true, pickers: true },
      surroundings: {
        ...editor,
        saveFile: editor.saveText,
        modelChoices: () => this.models.choices(),
        selectModel: (folder) => this.models.select(folder),
        rememberCache: writeCacheChoice,
        rememberChains: (chains) => writeSetting("generation.chains", chains),
        pick: (what) => this.pick(what),
        openInspector: () => this.inspectors.openFollowing(),
      },
      cache: readCacheChoice(),
      chains: readSetting("generation.chains"),
      choice: () => this.choice(),
      idleMillis: readIdleMillis,
      whyNoEngine,
      tracesKept: () => readSetting("traces.kept"),
      log: (text) => this.log.append(text),
      onChange: () => statusBar.follow(chat.session.state),
    });
    this.chat = chat;
    this.statusBar = statusBar;
    statusBar.follow(chat.session.state);
    return chat;
  }

  private choice(): GenerationChoice {
    return {
      model: this.models.current(),
      sampling: readSamplingChoice(),
      maxTokens: readSetting("generation.maxTokens"),
    };
  }

  private async pick(what: Choosable): Promise<void> {
    const { host, session } = this.create();
    switch (what) {
      case "budget":
        return pickBudget(host, session);
      case "chains":
        return pickChains(host);
      case "policy":
        return pickPolicy(host);
      case "model":
        return this.run("selectModel");
      default:
        return what satisfies never;
    }
  }

  private async openInspector({ host, session }: Chat): Promise<void> {
    const answer = session.state.conversation.turns.at(-1)?.answer;
    if (!answer) throw new Error(vscode.l10n.t("There is no answer to inspect yet: ask first."));
    await host.openInspector(answer.id);
  }

  private async export({ host, session }: Chat): Promise<void> {
    const formats = [
      { label: "Markdown", format: "markdown" as const },
      { label: "JSON", format: "json" as const },
    ];
    const picked = await vscode.window.showQuickPick(formats);
    if (picked) await host.export(session.state.conversation.id, picked.format);
  }

  private async attachSelection({ session }: Chat): Promise<void> {
    const attachment = await editor.selection();
    if (attachment) session.attach(attachment);
    await this.views.focusComposer();
  }

  private version(): string {
    const manifest: { version?: string } = this.context.extension.packageJSON as object;
    return manifest.version ?? "";
  }
}
