/**
 * The chat of one window: its conversations, the one that is open, and the answers that are being
 * written, at most one in each. Holds the only copy of every text; views follow through the changes
 * it publishes.
 */
import { randomUUID } from "node:crypto";
import { codeOf } from "../../disk/errorCode";
import {
  applyChange,
  applyToConversation,
  type ChatChange,
  type ConversationChange,
} from "../../shared/chat/chatChange";
import {
  type Attachment,
  type ChatState,
  type Conversation,
  type HostAbilities,
  isRunning,
  type Question,
  type Turn,
} from "../../shared/chat/chatState";
import { reasonOf } from "../../shared/reasonOf";
import { type Budget, type CacheChoice, settleCache } from "../../shared/settings/settings";
import type { EngineSupervisor, SupervisorStatus } from "../engine/engineSupervisor";
import { AnswerRun, type GenerationChoice } from "./answerRun";
import { suggestedBudgetOf } from "../models/modelFacts";
import type { ConversationStore } from "./conversationStore";
import { engineStatus } from "./engineStatus";
import { emptyConversation, newTurn, titleOf } from "./newConversation";
import type { TraceStore } from "./traceStore";

export interface ChatSessionOptions {
  abilities: HostAbilities;
  supervisor: EngineSupervisor;
  store: ConversationStore;
  traces: TraceStore;
  cache: CacheChoice;
  chains: number;
  /** Asked before each run. */
  choice: () => GenerationChoice;
  publish: (change: ChatChange) => void;
  log: (text: string) => void;
}

interface Running {
  run: AnswerRun;
  /** Goes on being written whether or not it is the open one. */
  conversation: Conversation;
  ended: Promise<void>;
}

const saveEveryMillis = 1_000;

export class ChatSession {
  /** What the person chose about the cache; what is in force stands in the state. */
  cacheChoice: CacheChoice;
  private current: ChatState;
  /** By the conversation's id. */
  private readonly running = new Map<string, Running>();
  private readonly unsaved = new Set<string>();
  /** By the model that is loaded, or else chosen. */
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
      chains: options.chains,
      engine: { kind: "idle", model: options.choice().model.name },
      notices: [],
    };
  }

  get state(): ChatState {
    return this.current;
  }

  /** Opens the conversation that was used last. */
  async restore(): Promise<void> {
    await this.suggestBudget();
    const conversations = await this.options.store.list();
    this.change({ kind: "conversations", conversations });
    const [newest] = conversations;
    if (newest) await this.open(newest.id).catch((error: unknown) => this.tell(reasonOf(error)));
    await this.options.traces
      .tidy()
      .catch((error: unknown) => this.tell(`Traces cannot be kept (${reasonOf(error)}).`));
  }

  /** Throws an Error to be shown for an empty question, or while an answer is being written. */
  send(text: string): void {
    if (text.trim() === "") throw new Error("There is nothing to send: write a question first.");
    this.refuseIfRunning();
    const question = { text, attachments: this.current.attachments };
    this.change({ kind: "attachments", attachments: [] });
    this.replace({ ...this.current.conversation, draft: "" });
    this.ask(question, this.current.conversation.turns.length);
  }

  /** Forgets the turns after it. Throws an Error to be shown while an answer is being written. */
  regenerate(turn: string): void {
    this.refuseIfRunning();
    const index = this.indexOf(turn);
    this.ask(this.turnAt(index).question, index);
  }

  /** As regenerate, with other words for the question. */
  editAndResend(turn: string, text: string): void {
    this.refuseIfRunning();
    const index = this.indexOf(turn);
    this.ask({ ...this.turnAt(index).question, text }, index);
  }

  /** Ends the answer in the open conversation, else all that are being written, and waits for it. */
  async stop(): Promise<void> {
    const here = this.running.get(this.current.conversation.id);
    await Promise.all((here ? [here] : [...this.running.values()]).map(stopped));
  }

  /** Settles when the answers that are being written have ended and are stored. */
  async settled(): Promise<void> {
    await Promise.all([...this.running.values()].map(({ ended }) => ended));
  }

  /** In force at once, also in the middle of a run. */
  async configure(change: Partial<CacheChoice>): Promise<void> {
    this.cacheChoice = { ...this.cacheChoice, ...change };
    this.settleCache();
    const { cache } = this.current;
    await Promise.all([...this.running.values()].map(({ run }) => run.configure(cache)));
  }

  /** How many think about the next question. */
  setChains(chains: number): void {
    this.change({ kind: "chains", chains });
  }

  /** Rejects with an Error to be shown where it is no longer stored. */
  async open(id: string): Promise<void> {
    this.change({ kind: "opened", conversation: await this.conversation(id) });
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

  /** With its traces; an answer that is being written to it is stopped first. */
  async delete(id: string): Promise<void> {
    const { store, traces } = this.options;
    const running = this.running.get(id);
    if (running) await stopped(running);
    const conversation = this.find(id) ?? (await store.read(id));
    await store.delete(id);
    await traces.delete(conversation?.turns.map(({ answer }) => answer.id) ?? []);
    if (this.current.conversation.id === id) this.openNew();
    await this.list();
  }

  /** The conversation as it is now, whether open, running or stored. */
  async conversation(id: string): Promise<Conversation> {
    const found = this.find(id) ?? (await this.options.store.read(id));
    if (!found) throw new Error("This conversation is no longer stored.");
    return found;
  }

  /** In the open conversation, or in one that an answer is being written to. */
  turnOf(answer: string): Turn | undefined {
    const running = [...this.running.values()].map(({ conversation }) => conversation);
    return [this.current.conversation, ...running]
      .flatMap(({ turns }) => turns)
      .find((turn) => turn.answer.id === answer);
  }

  attach(attachment: Omit<Attachment, "id">): void {
    const attachments = [...this.current.attachments, { ...attachment, id: randomUUID() }];
    this.change({ kind: "attachments", attachments });
  }

  removeAttachment(id: string): void {
    const attachments = this.current.attachments.filter((attachment) => attachment.id !== id);
    this.change({ kind: "attachments", attachments });
  }

  /** Does nothing for a conversation that is neither open nor stored. */
  async saveDraft(id: string, draft: string): Promise<void> {
    const known = this.find(id);
    const conversation = known ?? (await this.options.store.read(id));
    if (!conversation) return;
    this.replace({ ...conversation, draft });
    if (known) await this.saved(id);
    else await this.options.store.save({ ...conversation, draft });
  }

  /** The answer can no longer be inspected. */
  traceGone(answer: string): void {
    const change = { kind: "traceGone" } as const;
    this.changeConversation(this.current.conversation.id, { kind: "answer", answer, change });
  }

  /** To be called with each status of the supervisor. */
  onSupervisor(status: SupervisorStatus): void {
    const model = this.options.choice().model.name;
    this.change({ kind: "engine", engine: engineStatus(status, model) });
    if (status.kind !== "ready") return void this.suggestBudget();
    this.suggestedBudget = status.info.suggestedBudget;
    this.settleCache();
  }

  /** So that the budget that is shown before a model is loaded is the one that it will run with. */
  private async suggestBudget(): Promise<void> {
    const suggested = await suggestedBudgetOf(this.options.choice().model.folder);
    if (this.current.engine.kind === "ready") return;
    this.suggestedBudget = suggested;
    this.settleCache();
  }

  /** True while any answer is being written. */
  get isRunning(): boolean {
    return this.running.size > 0;
  }

  /** A sentence for the person, shown under the answers in progress. */
  notice(message: string): void {
    for (const { run } of this.running.values()) run.notice(message);
  }

  /** A sentence about stored files, shown until the person closes it, and kept in the log. */
  tell(sentence: string): void {
    const { notices } = this.current;
    if (notices.includes(sentence)) return;
    this.options.log(`${sentence}\n`);
    this.change({ kind: "notices", notices: [...notices, sentence] });
  }

  closeNotices(): void {
    this.change({ kind: "notices", notices: [] });
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
    const run = new AnswerRun({
      supervisor: this.options.supervisor,
      choice,
      turns: [...conversation.turns.slice(0, index), turn],
      cache: () => this.current.cache,
      chains: this.current.chains,
      traceFile: () => this.options.traces.makeRoom(turn.answer.id),
      change: (change) =>
        this.changeConversation(id, { kind: "answer", answer: turn.answer.id, change }),
    });
    const running: Running = { run, conversation, ended: Promise.resolve() };
    this.running.set(id, running);
    if (conversation.turns.length === 0)
      this.changeConversation(id, { kind: "title", title: titleOf(question.text) });
    this.changeConversation(id, { kind: "turn", index, turn });
    running.ended = this.finish(running);
  }

  private async finish(running: Running): Promise<void> {
    const { id } = running.conversation;
    await running.run.start();
    await this.saved(id).catch((error: unknown) => this.tellUnsaved(error));
    if (this.running.get(id) === running) this.running.delete(id);
    await this.list();
  }

  private changeConversation(id: string, change: ConversationChange): void {
    const conversation = this.find(id);
    if (!conversation) return;
    const changed = { ...applyToConversation(conversation, change), updatedAt: Date.now() };
    this.replace(changed);
    if (this.current.conversation.id === id) this.options.publish({ kind: "conversation", change });
    this.unsaved.add(id);
    this.saveTimer ??= setTimeout(() => this.saveUnsaved(), saveEveryMillis);
  }

  private saveUnsaved(): void {
    this.saveTimer = undefined;
    for (const id of this.unsaved)
      this.saved(id).catch((error: unknown) => this.tellUnsaved(error));
    this.unsaved.clear();
  }

  private tellUnsaved(error: unknown): void {
    this.tell(
      `The conversation cannot be stored (${codeOf(error) ?? reasonOf(error)}) and lasts as long as this window: make room there, or export it.`,
    );
  }

  private replace(conversation: Conversation): void {
    const running = this.running.get(conversation.id);
    if (running) running.conversation = conversation;
    if (this.current.conversation.id === conversation.id)
      this.current = { ...this.current, conversation };
  }

  private change(change: ChatChange): void {
    this.current = applyChange(this.current, change);
    this.options.publish(change);
  }

  private find(id: string): Conversation | undefined {
    const { conversation } = this.current;
    return (
      this.running.get(id)?.conversation ?? (conversation.id === id ? conversation : undefined)
    );
  }

  private async saved(id: string): Promise<void> {
    const conversation = this.find(id);
    if (conversation && conversation.turns.length > 0) await this.options.store.save(conversation);
    await this.list();
  }

  private async list(): Promise<void> {
    const stored = await this.options.store.list();
    const conversations = stored.map((one) =>
      this.running.has(one.id) ? { ...one, isRunning: true } : one,
    );
    this.change({ kind: "conversations", conversations });
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
    if (this.current.conversation.turns.some(({ answer }) => isRunning(answer)))
      throw new Error("An answer is still being written: stop it first, or wait for its end.");
  }
}

async function stopped({ run, ended }: Running): Promise<void> {
  run.stop();
  await ended;
}
