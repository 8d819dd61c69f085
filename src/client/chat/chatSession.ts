/**
 * The chat of one window: its conversations, the one that is open, and the run in progress. Holds
 * the only copy of every text; views follow through the changes it publishes.
 */
import { randomUUID } from "node:crypto";
import {
  applyChange,
  applyToConversation,
  type Attachment,
  type ChatChange,
  type ChatState,
  type Conversation,
  type ConversationChange,
  type EngineStatus,
  type HostAbilities,
  type Question,
  type Turn,
} from "../../shared/chatState";
import { type Budget, type CacheChoice, settleCache } from "../../shared/settings";
import type { EngineSupervisor, SupervisorStatus } from "../engineSupervisor";
import { AnswerRun, type GenerationChoice } from "./answerRun";
import type { ConversationStore } from "./conversationStore";
import type { TraceStore } from "./traceStore";

export interface ChatSessionOptions {
  abilities: HostAbilities;
  supervisor: EngineSupervisor;
  store: ConversationStore;
  traces: TraceStore;
  cache: CacheChoice;
  /** Asked before each run. */
  choice: () => GenerationChoice;
  publish: (change: ChatChange) => void;
  /** Something failed that no answer can show. */
  onError: (error: unknown) => void;
}

const saveEveryMillis = 1_000;

export class ChatSession {
  /** What the person chose about the cache; what is in force stands in the state. */
  cacheChoice: CacheChoice;
  private current: ChatState;
  private run: AnswerRun | undefined;
  private finishing: Promise<void> | undefined;
  /** The conversation that the run belongs to, whether or not it is the open one. */
  private runningIn: Conversation | undefined;
  /** By the model that was loaded last. */
  private suggestedBudget: Budget | undefined;
  private saveTimer: NodeJS.Timeout | undefined;

  constructor(private readonly options: ChatSessionOptions) {
    this.cacheChoice = options.cache;
    this.current = {
      abilities: options.abilities,
      conversations: [],
      conversation: emptyConversation(),
      attachments: [],
      cache: settleCache(options.cache),
      engine: { kind: "idle", model: options.choice().model.name },
    };
  }

  get state(): ChatState {
    return this.current;
  }

  /** Opens the conversation that was used last. */
  async restore(): Promise<void> {
    const conversations = await this.options.store.list();
    this.change({ kind: "conversations", conversations });
    const [newest] = conversations;
    if (newest) await this.open(newest.id);
  }

  send(text: string): void {
    if (text.trim() === "") throw new Error("There is nothing to send: write a question first.");
    this.refuseIfRunning();
    const question = { text, attachments: this.current.attachments };
    this.change({ kind: "attachments", attachments: [] });
    this.ask(question, this.current.conversation.turns.length);
  }

  regenerate(turn: string): void {
    this.refuseIfRunning();
    const index = this.indexOf(turn);
    this.ask(this.turnAt(index).question, index);
  }

  editAndResend(turn: string, text: string): void {
    this.refuseIfRunning();
    const index = this.indexOf(turn);
    this.ask({ ...this.turnAt(index).question, text }, index);
  }

  /** Settles when the run has let go. */
  async stop(): Promise<void> {
    this.run?.stop();
    await this.finishing;
  }

  /** In force at once, also in the middle of a run. */
  async configure(change: Partial<CacheChoice>): Promise<void> {
    this.cacheChoice = { ...this.cacheChoice, ...change };
    this.settleCache();
    await this.run?.configure(this.current.cache);
  }

  async open(id: string): Promise<void> {
    const running = this.runningIn?.id === id ? this.runningIn : undefined;
    const conversation = running ?? (await this.options.store.read(id));
    if (!conversation) throw new Error("This conversation is no longer stored.");
    this.change({ kind: "opened", conversation });
  }

  openNew(): void {
    this.change({ kind: "opened", conversation: emptyConversation() });
  }

  async rename(id: string, title: string): Promise<void> {
    const change: ConversationChange = { kind: "title", title: title.trim() || "Untitled" };
    if (this.find(id)) this.changeConversation(id, change);
    else {
      const stored = await this.options.store.read(id);
      if (stored) await this.options.store.save(applyToConversation(stored, change));
    }
    await this.saved(id);
  }

  async delete(id: string): Promise<void> {
    if (this.runningIn?.id === id) await this.stop();
    await this.options.store.delete(id);
    if (this.current.conversation.id === id) this.openNew();
    await this.list();
  }

  /** The conversation as it is now, whether open, running or stored. */
  async conversation(id: string): Promise<Conversation> {
    const found = this.find(id) ?? (await this.options.store.read(id));
    if (!found) throw new Error("This conversation is no longer stored.");
    return found;
  }

  attach(attachment: Omit<Attachment, "id">): void {
    const attachments = [...this.current.attachments, { ...attachment, id: randomUUID() }];
    this.change({ kind: "attachments", attachments });
  }

  removeAttachment(id: string): void {
    const attachments = this.current.attachments.filter((attachment) => attachment.id !== id);
    this.change({ kind: "attachments", attachments });
  }

  async saveDraft(id: string, draft: string): Promise<void> {
    const conversation = this.find(id);
    if (!conversation) return;
    this.replace({ ...conversation, draft });
    if (conversation.turns.length > 0) await this.saved(id);
  }

  traceGone(answer: string): void {
    const change = { kind: "traceGone" } as const;
    this.changeConversation(this.current.conversation.id, { kind: "answer", answer, change });
  }

  /** To be called with each status of the supervisor. */
  onSupervisor(status: SupervisorStatus): void {
    const model = this.options.choice().model.name;
    this.change({ kind: "engine", engine: engineStatus(status, model) });
    if (status.kind !== "ready") return;
    this.suggestedBudget = status.info.suggestedBudget;
    this.settleCache();
  }

  /** True while an answer is being written. */
  get isRunning(): boolean {
    return this.run !== undefined;
  }

  /** A sentence for the person, shown under the answer in progress. */
  notice(message: string): void {
    this.run?.notice(message);
  }

  private settleCache(): void {
    const cache = settleCache(this.cacheChoice, this.suggestedBudget);
    this.change({ kind: "cache", cache });
  }

  private ask(question: Question, index: number): void {
    const { conversation } = this.current;
    const choice = this.options.choice();
    const turn = newTurn(question, choice.model.name);
    const { id } = conversation;
    this.runningIn = conversation;
    const run = new AnswerRun({
      supervisor: this.options.supervisor,
      choice,
      turns: [...conversation.turns.slice(0, index), turn],
      cache: () => this.current.cache,
      traceFile: () => this.options.traces.makeRoom(turn.answer.id),
      change: (change) =>
        this.changeConversation(id, { kind: "answer", answer: turn.answer.id, change }),
    });
    this.run = run;
    if (conversation.turns.length === 0)
      this.changeConversation(id, { kind: "title", title: titleOf(question.text) });
    this.changeConversation(id, { kind: "turn", index, turn });
    this.finishing = this.finish(id, run.start());
  }

  private async finish(id: string, run: Promise<void>): Promise<void> {
    try {
      await run;
    } finally {
      await this.saved(id).catch(this.options.onError);
      this.run = undefined;
      this.runningIn = undefined;
    }
  }

  private changeConversation(id: string, change: ConversationChange): void {
    const conversation = this.find(id);
    if (!conversation) return;
    const changed = { ...applyToConversation(conversation, change), updatedAt: Date.now() };
    this.replace(changed);
    if (this.current.conversation.id === id) this.options.publish({ kind: "conversation", change });
    this.saveTimer ??= setTimeout(() => {
      this.saveTimer = undefined;
      this.saved(id).catch(this.options.onError);
    }, saveEveryMillis);
  }

  private replace(conversation: Conversation): void {
    if (this.runningIn?.id === conversation.id) this.runningIn = conversation;
    if (this.current.conversation.id === conversation.id)
      this.current = { ...this.current, conversation };
  }

  private change(change: ChatChange): void {
    this.current = applyChange(this.current, change);
    this.options.publish(change);
  }

  private find(id: string): Conversation | undefined {
    return [this.runningIn, this.current.conversation].find((c) => c?.id === id);
  }

  private async saved(id: string): Promise<void> {
    const conversation = this.find(id);
    if (conversation && conversation.turns.length > 0) await this.options.store.save(conversation);
    await this.list();
  }

  private async list(): Promise<void> {
    this.change({ kind: "conversations", conversations: await this.options.store.list() });
  }

  private indexOf(turn: string): number {
    const index = this.current.conversation.turns.findIndex(({ id }) => id === turn);
    if (index < 0) throw new Error("This question is not part of the open conversation any more.");
    return index;
  }

  private turnAt(index: number): Turn {
    const turn = this.current.conversation.turns[index];
    if (!turn) throw new RangeError(`The conversation has no turn ${index}.`);
    return turn;
  }

  private refuseIfRunning(): void {
    if (this.run)
      throw new Error("An answer is still being written: stop it first, or wait for its end.");
  }
}

function engineStatus(status: SupervisorStatus, model: string): EngineStatus {
  switch (status.kind) {
    case "idle":
      return { kind: "idle", model };
    case "loading":
      return { kind: "loading", model, stage: status.stage, fraction: status.fraction };
    case "ready":
      return { kind: "ready", info: status.info };
    case "failed":
      return { kind: "failed", model, message: status.message };
    default:
      return status satisfies never;
  }
}

function emptyConversation(): Conversation {
  const now = Date.now();
  return { id: randomUUID(), title: "", createdAt: now, updatedAt: now, draft: "", turns: [] };
}

function newTurn(question: Question, model: string): Turn {
  return {
    id: randomUUID(),
    question,
    answer: {
      id: randomUUID(),
      model,
      device: "",
      phase: "loading",
      thinking: "",
      text: "",
      thinkingTokens: 0,
      answerTokens: 0,
      startedAt: Date.now(),
      thinkingMillis: 0,
      gauge: [],
      notices: [],
      hasTrace: true,
    },
  };
}

const longestTitle = 60;

function titleOf(question: string): string {
  const line = question.trim().split("\n", 1)[0] ?? "";
  return line.length <= longestTitle ? line : `${line.slice(0, longestTitle - 1).trimEnd()}…`;
}
