import { mean } from "d3";
import type { DivergenceRecord } from "../../../src/shared/trace/records";
import { growingFloats } from "./growingArray";

/** What a replay with the full cache found out, by position; NaN where none was made. */
export class Divergences {
  /** KL(full ‖ evicted) of the next-token distributions, in nats. */
  readonly kl = growingFloats();
  /** 1 where both caches would have chosen the same token. */
  readonly sameToken = growingFloats();
  private readonly lost: ReturnType<typeof growingFloats>[];

  constructor(layers: number, kvHeads: number) {
    this.lost = Array.from({ length: layers * kvHeads }, () => growingFloats());
  }

  record({ firstPosition, kl, sameToken, lostAttention, layers, kvHeads }: DivergenceRecord): void {
    if (layers * kvHeads !== this.lost.length)
      throw new RangeError(`A divergence of ${layers} layers is not one of this run.`);
    this.kl.setAll(firstPosition, kl);
    this.sameToken.setAll(firstPosition, sameToken);
    this.lost.forEach((row, index) => {
      for (let token = 0; token < kl.length; token++)
        row.set(firstPosition + token, lostAttention[token * this.lost.length + index]);
    });
  }

  get exist(): boolean {
    return this.kl.length > 0;
  }

  /** Mean divergence of the positions [from, to), in nats; NaN where none was replayed. */
  meanKl(from: number, to: number): number {
    return mean(this.kl.values.subarray(from, to)) ?? NaN;
  }

  /** Share of the full run's attention, 0 to 1, that one head spent on tokens evicted here. */
  lostAttention(row: number, position: number): number {
    return this.lost[row].at(position);
  }

  /** Mean over the rows [from, to). */
  meanLostAttention(position: number, from = 0, to = this.lost.length): number {
    let sum = 0;
    for (let row = from; row < to; row++) sum += this.lost[row].at(position);
    return sum / (to - from);
  }

  /** Where the full cache would first have chosen another token; undefined where it never would. */
  get firstOtherToken(): number | undefined {
    const position = this.sameToken.values.indexOf(0);
    return position < 0 ? undefined : position;
  }
}
