/**
 * What one chain says: its ids as the loop chooses them, as text once the Worker has decoded them.
 * The loop never waits for text; what came while the Worker was busy is decoded together.
 */
import type { ChainResult } from "../../shared/wire/engineApi";
import type { ReplyReader, StepToken } from "../text/replyReader";
import type { SpokenToken } from "../trace/runRecorder";
import type { Chain } from "./chain";

export class Reply {
  /** Steps of thinking and answer so far. */
  reasoningSteps = 0;
  /** Tokens handed to the Worker, and tokens spoken. */
  private handed = 0;
  private spoken = 0;
  private decoding: Promise<void> | undefined;
  private finished: Promise<ChainResult> | undefined;

  /** speak: gets every token once, in order. began: performance.now() when the run began. */
  constructor(
    readonly chain: Chain,
    private readonly reader: ReplyReader,
    private readonly began: number,
    private readonly speak: (reply: Reply, tokens: SpokenToken[]) => void,
  ) {}

  /** To be called after every step. */
  follow(): void {
    if (this.decoding || this.handed === this.chain.reply.length) return;
    this.decoding = this.decode();
    // Whoever awaits `finish` sees the failure.
    this.decoding.catch(() => undefined);
  }

  /** Reasoning steps that have got their title since the last call. */
  takeSteps() {
    return this.reader.takeSteps();
  }

  /**
   * Resolves when everything chosen has been spoken; to be called once the chain has ended. Rejects
   * with a TextError.
   */
  finish(): Promise<ChainResult> {
    this.finished ??= this.speakRest();
    return this.finished;
  }

  private async speakRest(): Promise<ChainResult> {
    this.follow();
    while (this.decoding) await this.decoding;
    this.say(this.reader.end());
    const { text, thinking, answer } = this.reader.reply;
    const tokenIds = this.chain.reply.map(({ id }) => id);
    return { text, thinking, answer, tokenIds, stopReason: this.chain.stopReason ?? "cancelled" };
  }

  private async decode(): Promise<void> {
    const { reply } = this.chain;
    while (this.handed < reply.length) {
      const ids = reply.slice(this.handed).map(({ id }) => id);
      this.handed = reply.length;
      this.say(await this.reader.push(ids));
    }
    this.decoding = undefined;
  }

  private say(tokens: readonly StepToken[]): void {
    if (tokens.length === 0) return;
    const chosen = this.chain.reply.slice(this.spoken, this.spoken + tokens.length);
    this.spoken += tokens.length;
    this.reasoningSteps = tokens[tokens.length - 1].step;
    const spoken = tokens.map((token, i) => {
      const { logProb, chosenAt } = chosen[i];
      return { ...token, logProb, millis: chosenAt - this.began };
    });
    this.speak(this, spoken);
  }
}
