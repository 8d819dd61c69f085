/** A chat over the engine that was built and the bundled model, in storage of its own. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Chat, createChat } from "../../src/client/chat/createChat";
import { type Answer, type ChatState, isRunning } from "../../src/shared/chat/chatState";
import { defaultCacheChoice } from "../../src/shared/settings/settings";
import { unusedSurroundings } from "./unusedSurroundings";

export const shortQuestion =
  "Ned has 32 cards. Ava has 10 fewer than Ned. Hal has twice as many as Ava. How many cards does Hal have?";

export class RealChat {
  /** Of the questions from now on. */
  maxTokens = 4_096;
  readonly chat: Chat;
  private readonly waiting = new Set<() => void>();

  static async open(): Promise<RealChat> {
    const real = new RealChat(await mkdtemp(path.join(tmpdir(), "rkv-lens-real-")));
    await real.chat.session.restore();
    return real;
  }

  private constructor(readonly storage: string) {
    const model = { folder: path.resolve("media/model"), name: "bundled", device: "cpu" as const };
    this.chat = createChat({
      engineScript: path.resolve("dist/engine.js"),
      storage,
      abilities: { editor: false, pickers: false },
      surroundings: unusedSurroundings,
      cache: defaultCacheChoice,
      chains: 1,
      choice: () => ({ model, sampling: { temperature: 0 }, maxTokens: this.maxTokens }),
      idleMillis: () => 0,
      tracesKept: () => 10,
      log: () => undefined,
      onChange: () => this.waiting.forEach((look) => look()),
    });
  }

  get answer(): Answer {
    const answer = this.chat.session.state.conversation.turns.at(-1)?.answer;
    assert.ok(answer, "nothing was asked yet");
    return answer;
  }

  get isAnswering(): boolean {
    return isRunning(this.answer);
  }

  /** Asks in a new conversation. */
  ask(question: string): void {
    this.chat.session.openNew();
    this.chat.session.send(question);
  }

  async answerTo(question: string): Promise<Answer> {
    this.ask(question);
    await this.until("the end of an answer", () => !this.isAnswering, 120_000);
    await this.chat.session.settled();
    return this.answer;
  }

  /** Resolves with the first change after which it is so. `what` completes “There was no … within”. */
  async until(what: string, isSo: (state: ChatState) => boolean, millis = 60_000): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        this.waiting.delete(look);
        settle();
      };
      const look = (): void => {
        if (isSo(this.chat.session.state)) end(resolve);
      };
      const tooLate = new Error(`There was no ${what} within ${millis / 1000} s.`);
      const timer = setTimeout(() => end(() => reject(tooLate)), millis);
      this.waiting.add(look);
      look();
    });
  }

  async close(): Promise<void> {
    await this.chat.close();
    await rm(this.storage, { recursive: true, force: true, maxRetries: 5 });
  }
}
