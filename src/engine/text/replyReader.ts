/**
 * From the ids of one chain to what a person reads: text that never shows half a character, parted
 * into thinking and answer, and cut into reasoning steps.
 */
import type { StepRecord } from "../../shared/trace/records";
import type { Prompt, TokenText } from "./protocol";
import { StepCutter, type StepToken } from "./stepCutter";
import { contextTokens, type TextWorker } from "./textWorker";
import { ThinkingSplitter } from "./thinkingSplitter";
import { tagsOpenedBy } from "./thinkingTags";

export type { StepToken } from "./stepCutter";

export interface ReplyText {
  /** Everything, tags included. */
  text: string;
  thinking: string;
  answer: string;
}

export class ReplyReader {
  /** What has been read so far. */
  readonly reply: ReplyText = { text: "", thinking: "", answer: "" };

  private readonly splitter: ThinkingSplitter;
  private readonly cutter: StepCutter;
  private recent: number[] = [];

  /**
   * worker: without one (a model without tokenizer) tokens have labels and no text.
   * prompt: its end may have opened the thinking already.
   */
  constructor(
    private readonly worker: Pick<TextWorker, "decode"> | undefined,
    chain: number,
    prompt: Prompt,
  ) {
    this.splitter = new ThinkingSplitter(tagsOpenedBy(prompt.text));
    this.cutter = new StepCutter(chain, prompt.ids.length);
  }

  /**
   * The next tokens, in order; batches may overlap in time, results come in order. A token comes
   * back as soon as its channel and step are known, which may take a few more. Throws a TextError.
   */
  async push(ids: number[]): Promise<StepToken[]> {
    const context = this.recent;
    this.recent = [...context, ...ids].slice(-contextTokens);
    const tokens = await labels(this.worker, ids, context);
    return tokens.flatMap((token) => this.read(token));
  }

  /** The tokens that still waited, when no more come. */
  end(): StepToken[] {
    const last = this.splitter.end().flatMap((token) => this.cutter.push(token));
    return this.note([...last, ...this.cutter.end()]);
  }

  /** Reasoning steps that have got their title since the last call. */
  takeSteps(): StepRecord[] {
    return this.cutter.takeRecords();
  }

  private read(token: TokenText): StepToken[] {
    this.reply.text += token.text;
    return this.note(this.splitter.push(token).flatMap((split) => this.cutter.push(split)));
  }

  private note(tokens: StepToken[]): StepToken[] {
    for (const { shown } of tokens)
      for (const { channel, text } of shown) this.reply[channel] += text;
    return tokens;
  }
}

/** The texts of tokens that follow `context`; without a Worker, labels alone. */
export async function labels(
  worker: Pick<TextWorker, "decode"> | undefined,
  ids: number[],
  context: number[] = [],
): Promise<TokenText[]> {
  if (worker) return worker.decode(ids, context);
  return ids.map((id) => ({ id, text: "", label: `#${id}` }));
}
