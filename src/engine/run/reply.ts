/**
 * One chain's reply: ids as the loop chooses them, text as the Worker decodes them. The loop never
 * waits for text; what came while the Worker was busy is decoded together.
 */
import type { ChainResult, StopReason } from "../../shared/wire/engineApi";
import type { ReplyReader, StepToken } from "../text/replyReader";

/** A token whose text, channel and reasoning step are known. */
export interface SpokenToken extends StepToken {
  /** Natural log of its probability under the untempered model. */
  logProb: number;
  /** Milliseconds since the run began. */
  millis: number;
}

interface ChosenToken {
  logProb: number;
  millis: number;
}

export class Reply {
  stopReason: StopReason | undefined;
  /** Steps of thinking and answer so far. */
  reasoningSteps = 0;
  private readonly ids: number[] = [];
  /** Of the tokens that have not been spoken, in order. */
  private readonly chosen: ChosenToken[] = [];
  private decoded = 0;
  private decoding: Promise<void> | undefined;

  /** speak: gets every token once, in order. began: performance.now() when the run began. */
  constructor(
    readonly chain: number,
    private readonly reader: ReplyReader,
    private readonly began: number,
    private readonly speak: (reply: Reply, tokens: SpokenToken[]) => void,
  ) {}

  get tokens(): number {
    return this.ids.length;
  }

  get lastId(): number {
    return this.ids[this.ids.length - 1];
  }

  push(id: number, logProb: number): void {
    this.ids.push(id);
    this.chosen.push({ logProb, millis: performance.now() - this.began });
    this.decoding ??= this.decode();
    // Whoever awaits `finish` sees the failure.
    this.decoding.catch(() => undefined);
  }

  end(reason: StopReason): void {
    this.stopReason = reason;
  }

  takeSteps() {
    return this.reader.takeSteps();
  }

  /** Resolves when everything chosen has been spoken. Rejects with a TextError. */
  async finish(): Promise<ChainResult> {
    while (this.decoding) await this.decoding;
    this.say(this.reader.end());
    const { text, thinking, answer } = this.reader.reply;
    const stopReason = this.stopReason ?? "cancelled";
    return { text, thinking, answer, tokenIds: this.ids, stopReason };
  }

  private async decode(): Promise<void> {
    while (this.decoded < this.ids.length) {
      const ids = this.ids.slice(this.decoded);
      this.decoded = this.ids.length;
      this.say(await this.reader.push(ids));
    }
    this.decoding = undefined;
  }

  private say(tokens: StepToken[]): void {
    const chosen = this.chosen.splice(0, tokens.length);
    if (tokens.length === 0) return;
    this.reasoningSteps = tokens[tokens.length - 1].step;
    this.speak(
      this,
      tokens.map((token, i) => ({ ...token, ...chosen[i] })),
    );
  }
}
