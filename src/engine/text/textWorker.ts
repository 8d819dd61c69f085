/**
 * The tokenizer and the chat template of a model, at arm's length: they run in a Worker with a
 * memory limit, every call has a time limit, and every call settles. A call that breaks a limit
 * ends the Worker; the next call gets a fresh one.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { ChatMessage } from "../../shared/wire/engineApi";
import type {
  Prompt,
  TextCalls,
  TextFiles,
  TextRequest,
  TokenizerFacts,
  TokenText,
} from "./protocol";
import { TextError, WorkerLostError, nextReply } from "./workerReply";

export { TextError } from "./workerReply";

export interface TextLimits {
  /** Milliseconds for one call; long texts get more in proportion. */
  millis: number;
  /** Milliseconds to load the tokenizer; large ones get more in proportion. */
  loadMillis: number;
  /** Megabytes of heap, besides what a large vocabulary needs. */
  megabytes: number;
}

export const defaultTextLimits: TextLimits = {
  millis: 2000,
  loadMillis: 10_000,
  megabytes: 256,
};

/** Slow machines encode 50 characters, or decode 10 tokens, in a millisecond. */
const charactersPerMilli = 50;
const tokensPerMilli = 10;
const tokensPerCall = 1000;
/** Before a token, as many as its characters and spaces can depend on. */
export const contextTokens = 16;

/** A vocabulary in memory takes about 20 times its file; to build it, slow machines take a while. */
const megabytesPerFileMegabyte = 20;
const loadMillisPerFileMegabyte = 1_000;

const subjects: Record<TextRequest["name"], string> = {
  encode: "Splitting the text into the model's tokens",
  prompt: "Writing the chat as the model's template wants it",
  decode: "Turning the model's tokens into text",
};

export class TextWorker {
  private worker: Worker | undefined;
  /** Calls run one after the other, so that each one's time is its own. */
  private queue: Promise<unknown> = Promise.resolve();
  private closed = false;
  private tokenizer: TokenizerFacts = { vocabulary: 0 };

  /** workerFile: the Worker's bundle; it lies beside the engine's. */
  constructor(
    private readonly files: TextFiles,
    private readonly limits = defaultTextLimits,
    private readonly workerFile = join(__dirname, "textWorker.js"),
  ) {}

  /** Loads the tokenizer, if no call did before. Throws a TextError where that fails. */
  async facts(): Promise<TokenizerFacts> {
    await this.inTurn(() => this.ready());
    return this.tokenizer;
  }

  /** The ids of a text, with what the tokenizer puts around every text. Throws a TextError. */
  async encode(text: string): Promise<number[]> {
    return this.call("encode", { text }, text.length / charactersPerMilli);
  }

  /**
   * The chat, as the model's template writes it, old thinking left out, up to where the reply
   * begins. Throws a TextError, also with what the template itself objects to.
   */
  async prompt(messages: ChatMessage[]): Promise<Prompt> {
    const characters = messages.reduce((sum, message) => sum + message.content.length, 0);
    return this.call("prompt", { messages }, characters / charactersPerMilli);
  }

  /** What each of `ids` says where they follow `context`, the newest tokens before them. */
  async decode(ids: number[], context: number[] = []): Promise<TokenText[]> {
    const texts: TokenText[] = [];
    for (let at = 0; at < ids.length; at += tokensPerCall) {
      const some = ids.slice(at, at + tokensPerCall);
      const before = [...context, ...ids.slice(Math.max(0, at - contextTokens), at)].slice(
        -contextTokens,
      );
      const extra = some.length / tokensPerMilli;
      texts.push(...(await this.call("decode", { context: before, ids: some }, extra)));
    }
    return texts;
  }

  /** Ends the Worker; calls under way and later ones fail. */
  async close(): Promise<void> {
    this.closed = true;
    await this.drop();
  }

  private call<K extends keyof TextCalls>(
    name: K,
    params: TextCalls[K]["params"],
    extraMillis: number,
  ): Promise<TextCalls[K]["result"]> {
    return this.inTurn(async () => {
      const worker = await this.ready();
      worker.postMessage({ name, params });
      const value = await this.reply(worker, subjects[name], this.limits.millis + extraMillis);
      return value as TextCalls[K]["result"];
    });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(work);
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  private async ready(): Promise<Worker> {
    if (this.closed) throw new TextError("The model's tokenizer was closed: load the model again.");
    if (this.worker) return this.worker;
    const megabytes = (await stat(this.files.tokenizerFile)).size / (1 << 20);
    const worker = this.start(megabytes);
    const millis = this.limits.loadMillis + megabytes * loadMillisPerFileMegabyte;
    try {
      const facts = await nextReply(worker, "Reading the model's tokenizer.json", millis);
      this.tokenizer = facts as TokenizerFacts;
    } catch (error) {
      await this.drop();
      throw error;
    }
    return worker;
  }

  private start(fileMegabytes: number): Worker {
    const vocabulary = Math.ceil(fileMegabytes * megabytesPerFileMegabyte);
    const worker = new Worker(this.workerFile, {
      workerData: this.files,
      resourceLimits: { maxOldGenerationSizeMb: this.limits.megabytes + vocabulary },
    });
    // It may die between two calls, too: then the next one starts afresh.
    worker.on("error", () => undefined);
    worker.on("exit", () => {
      if (this.worker === worker) this.worker = undefined;
    });
    this.worker = worker;
    return worker;
  }

  private async reply(worker: Worker, doing: string, millis: number): Promise<unknown> {
    try {
      return await nextReply(worker, doing, millis);
    } catch (error) {
      if (error instanceof WorkerLostError) await this.drop();
      throw error;
    }
  }

  private async drop(): Promise<void> {
    const worker = this.worker;
    this.worker = undefined;
    await worker?.terminate();
  }
}
