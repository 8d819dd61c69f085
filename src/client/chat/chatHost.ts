/** Answers the requests of chat views; what only an editor or only a browser can do comes from outside. */
import type { MessageConnection } from "vscode-jsonrpc";
import type { ChatRequests, Choice, Choosable } from "../../shared/chat/chatApi";
import type { Attachment } from "../../shared/chat/chatState";
import { isPolicy } from "../../shared/settings/policies";
import { type CacheChoice, mostChains, parseBudget } from "../../shared/settings/settings";
import { type Handlers, serve } from "../../shared/wire/wire";
import { budgetChoices, chainChoices, policyChoices } from "../cacheChoices";
import type { ChatSession } from "./chatSession";
import type { ConversationStore } from "./conversationStore";
import { exportConversation, type ExportedFile } from "./exportConversation";
import type { Following } from "./following";
import type { ViewFeed } from "./viewFeed";

/** What differs between hosts; one that lacks an ability rejects with a sentence that says so. */
export interface ChatSurroundings {
  modelChoices(): Promise<Choice[]>;
  selectModel(folder: string): Promise<void>;
  /** The cache settings were changed by the person and are to be remembered. */
  rememberCache(cache: CacheChoice): Promise<void>;
  rememberChains(chains: number): Promise<void>;
  pick(what: Choosable): Promise<void>;
  selection(): Promise<Omit<Attachment, "id"> | undefined>;
  file(): Promise<Omit<Attachment, "id"> | undefined>;
  insertAtCursor(text: string): Promise<void>;
  copy(text: string): Promise<void>;
  openLink(address: string): Promise<void>;
  saveFile(file: ExportedFile): Promise<void>;
  /** Brings the inspector that follows the chat to the front, or opens one. */
  openInspector(): Promise<void>;
}

export class ChatHost {
  constructor(
    private readonly session: ChatSession,
    private readonly feed: ViewFeed,
    private readonly store: ConversationStore,
    private readonly following: Following,
    private readonly surroundings: ChatSurroundings,
  ) {}

  /** Serves one view until the returned function is called. The connection must not listen yet. */
  attach(connection: MessageConnection): () => void {
    serve<ChatRequests>(connection, this.handlers(connection));
    connection.listen();
    return () => this.feed.unsubscribe(connection);
  }

  /** Sets one thing about the cache from its written form and remembers it. */
  async choose(what: Choosable, value: string): Promise<void> {
    switch (what) {
      case "budget":
        return this.configure({ budget: parseBudget(value) });
      case "chains":
        return this.think(chainsIn(value));
      case "policy": {
        if (!isPolicy(value)) throw new RangeError(`There is no policy “${value}”.`);
        return this.configure({ policy: value });
      }
      case "model":
        return this.surroundings.selectModel(value);
      default:
        return what satisfies never;
    }
  }

  /** Sets what is named, at once, and has it remembered. */
  async configure(change: Partial<CacheChoice>): Promise<void> {
    await this.session.configure(change);
    await this.surroundings.rememberCache(this.session.cacheChoice);
  }

  choices(what: Choosable): Promise<Choice[]> {
    const { cache, chains, engine } = this.session.state;
    const info = engine.kind === "ready" ? engine.info : undefined;
    switch (what) {
      case "budget":
        return Promise.resolve(budgetChoices(cache, info));
      case "chains":
        return Promise.resolve(chainChoices(chains, cache, info));
      case "policy":
        return Promise.resolve(policyChoices(cache));
      case "model":
        return this.surroundings.modelChoices();
      default:
        return what satisfies never;
    }
  }

  /** Rejects with an Error to be shown where the answer's trace is gone. */
  async openInspector(answer: string, chain?: number): Promise<void> {
    const { following, session, surroundings } = this;
    if (!(await following.stored([answer], 0))) {
      session.traceGone(answer);
      throw new Error("The trace of this answer is no longer stored; regenerate it to get one.");
    }
    following.show(following.lookAt(answer, chain));
    await surroundings.openInspector();
  }

  /** Rejects where the conversation is no longer stored. */
  async export(id: string, format: "markdown" | "json"): Promise<void> {
    const conversation = await this.session.conversation(id);
    await this.surroundings.saveFile(exportConversation(conversation, format));
  }

  private async think(chains: number): Promise<void> {
    this.session.setChains(chains);
    await this.surroundings.rememberChains(chains);
  }

  private handlers(connection: MessageConnection): Handlers<ChatRequests> {
    const { session, surroundings } = this;
    return {
      subscribe: () => Promise.resolve(this.feed.subscribe(connection)),
      send: ({ text }) => done(session.send(text)),
      stop: () => done(session.stop()),
      regenerate: ({ turn }) => done(session.regenerate(turn)),
      editAndResend: ({ turn, text }) => done(session.editAndResend(turn, text)),
      newConversation: () => done(session.openNew()),
      openConversation: ({ id }) => done(session.open(id)),
      renameConversation: ({ id, title }) => done(session.rename(id, title)),
      deleteConversation: ({ id }) => done(session.delete(id)),
      search: ({ query }) => this.store.search(query),
      exportConversation: ({ id, format }) => done(this.export(id, format)),
      choices: ({ what }) => this.choices(what),
      choose: ({ what, value }) => done(this.choose(what, value)),
      pick: ({ what }) => done(surroundings.pick(what)),
      setPinPrompt: ({ pinPrompt }) => done(this.configure({ pinPrompt })),
      attachSelection: () => done(this.attachIf(surroundings.selection())),
      attachFile: () => done(this.attachIf(surroundings.file())),
      insertAtCursor: ({ text }) => done(surroundings.insertAtCursor(text)),
      removeAttachment: ({ id }) => done(session.removeAttachment(id)),
      openInspector: ({ answer, chain }) => done(this.openInspector(answer, chain)),
      lookAt: ({ answer }) => done(this.following.select(answer)),
      copy: ({ text }) => done(surroundings.copy(text)),
      openLink: ({ address }) => done(surroundings.openLink(httpsOnly(address))),
      saveDraft: ({ conversation, text }) => done(session.saveDraft(conversation, text)),
      closeNotices: () => done(session.closeNotices()),
    };
  }

  private async attachIf(found: Promise<Omit<Attachment, "id"> | undefined>): Promise<void> {
    const attachment = await found;
    if (attachment) this.session.attach(attachment);
  }
}

async function done(work: Promise<void> | void): Promise<null> {
  await work;
  return null;
}

function chainsIn(value: string): number {
  const chains = Number(value);
  if (Number.isInteger(chains) && chains >= 1 && chains <= mostChains) return chains;
  throw new RangeError(`“${value}” chains cannot think: choose 1 to ${mostChains}.`);
}

function httpsOnly(address: string): string {
  if (URL.canParse(address) && new URL(address).protocol === "https:") return address;
  throw new Error(`Only https addresses are opened, and “${address}” is not one.`);
}
