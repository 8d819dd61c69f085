/** The figures of a run as it stands: what a person sees beside the text, and the trace per step. */
import type { FiguresRecord } from "../../shared/trace/records";
import type { CacheFigures } from "../../shared/wire/engineApi";
import type { Decoder } from "../decoder/decoder";
import type { DecodeLoop } from "./decodeLoop";

export class RunMeter {
  private firstToken: number | undefined;
  /** Rows of the decoder at the last step, and what each one held and would hold. */
  private last = { rows: 0, held: 0, full: 0 };
  /** What the chains that left the batch held, and would have held, in the end. */
  private readonly left = { held: 0, full: 0 };

  /** began: performance.now() when the run began. */
  constructor(
    private readonly loop: DecodeLoop,
    private readonly began: number,
  ) {}

  /** Called after each step. */
  step(): void {
    this.firstToken ??= performance.now();
    this.countLeft();
  }

  private countLeft(): void {
    const { rows, bytesHeld, bytesFull } = this.loop.decoder;
    const gone = Math.max(0, this.last.rows - rows);
    this.left.held += gone * this.last.held;
    this.left.full += gone * this.last.full;
    this.last = { rows, held: bytesHeld / rows, full: bytesFull / rows };
  }

  /** Decoded tokens over all chains. */
  get tokens(): number {
    return this.loop.chains.reduce((sum, { reply }) => sum + reply.length, 0);
  }

  get millis(): number {
    return performance.now() - this.began;
  }

  get millisToFirstToken(): number {
    return (this.firstToken ?? performance.now()) - this.began;
  }

  /** Of the decode loop alone, compactions included; the first token belongs to the prefill. */
  get tokensPerSecond(): number {
    const decoded = this.tokens - this.loop.chains.length;
    if (this.firstToken === undefined || decoded <= 0) return 0;
    return (1000 * decoded) / (performance.now() - this.firstToken);
  }

  cache(): CacheFigures {
    const { compactions, decoder } = this.loop;
    const { position, slots, evicted, bytesHeld, bytesFull } = decoder;
    return {
      position,
      retained: slots,
      evicted,
      compactions,
      kvBytes: bytesHeld + this.left.held,
      kvBytesFull: bytesFull + this.left.full,
    };
  }

  record(): FiguresRecord {
    const { position, kvBytes, kvBytesFull } = this.cache();
    return {
      type: "figures",
      position,
      millis: this.millis,
      kvBytes,
      kvBytesFull,
      tokensPerSecond: this.tokensPerSecond,
      processBytes: process.memoryUsage.rss(),
    };
  }
}

/** Share of the prompt's tokens, as far as they were read, that no head still holds, 0 to 1. */
export function promptForgotten(decoder: Decoder, promptLength: number): number {
  const read = Math.min(promptLength, decoder.position);
  if (read === 0) return 0;
  const held = new Uint8Array(read);
  for (const layer of decoder.model.layers.keys())
    for (const position of decoder.positions(layer)) if (position < read) held[position] = 1;
  return held.filter((isHeld) => isHeld === 0).length / read;
}
