import type { StopReason } from "../../shared/wire/engineApi";
import type { RunnableModel } from "../model/loadModel";
import type { Prompt } from "../text/protocol";

/** Where a reply ends by itself. */
export interface ChainLimits {
  /** Ids that end a reply and are no part of it. */
  endIds: ReadonlySet<number>;
  /** Most tokens of the reply. */
  maxTokens: number;
  /** Most tokens of prompt and reply together: what the model was made for. */
  contextLength: number;
}

export function limitsOf({ endIds, info }: RunnableModel, maxTokens: number): ChainLimits {
  return { endIds, maxTokens, contextLength: info.contextLength };
}

export interface ChosenToken {
  id: number;
  /** Natural log of its probability under the untempered model. */
  logProb: number;
  /** performance.now() when it was chosen. */
  chosenAt: number;
}

/** A prompt, the reply to it as it grows, and the rules by which the reply ends. */
export class Chain {
  /** The prompt's, then the reply's. */
  readonly ids: number[];
  readonly reply: ChosenToken[] = [];
  /** Set once the reply has ended. */
  stopReason: StopReason | undefined;

  /**
   * number: its number among the chains of the prompt, as a trace counts them.
   * stream: which of the seed's streams of random numbers its tokens are drawn by.
   */
  constructor(
    readonly prompt: Prompt,
    private readonly limits: ChainLimits,
    readonly number = 0,
    readonly stream = number,
  ) {
    this.ids = [...prompt.ids];
  }

  /** Mean natural log of its tokens' probabilities; 0 of none. */
  get meanLogProb(): number {
    const sum = this.reply.reduce((sum, { logProb }) => sum + logProb, 0);
    return sum / Math.max(1, this.reply.length);
  }

  /** Takes the token that was chosen to follow, or the end that it means. */
  push(id: number, logProb: number): void {
    const { endIds, maxTokens, contextLength } = this.limits;
    if (endIds.has(id)) return this.end("end");
    this.ids.push(id);
    this.reply.push({ id, logProb, chosenAt: performance.now() });
    if (this.reply.length >= maxTokens) this.end("length");
    else if (this.ids.length >= contextLength) this.end("context");
  }

  /** Ends the reply from outside, unless it has ended. */
  end(reason: StopReason): void {
    this.stopReason ??= reason;
  }
}
