import { mean } from "d3";
import type { DivergenceRecord } from "../../../src/shared/trace/records";
import { growingFloats, growingIntegers } from "./growingArray";

/** What a replay with the full cache found out, by position; NaN where none was made. */
export class Divergences {
  /** KL(full ‖ evicted) of the next-token distributions, in nats. */
  readonly kl = growingFloats();
  /** 1 where both caches would have chosen the same token. */
  readonly sameToken = growingFloats();
  /** As they came: what a trace claims costs what it wrote. */
  private readonly records: DivergenceRecord[] = [];
  /** [positions] one more than the index of the newest record of each; 0 where there is none. */
  private readonly recordOf = growingIntegers();

  constructor(
    private readonly layers: number,
    private readonly kvHeads: number,
  ) {}

  record(record: DivergenceRecord): void {
    const { firstPosition, kl, sameToken, layers, kvHeads } = record;
    if (layers !== this.layers || kvHeads !== this.kvHeads)
      throw new RangeError(`A divergence of ${layers} layers is not one of this run.`);
    this.kl.setAll(firstPosition, kl);
    this.sameToken.setAll(firstPosition, sameToken);
    this.records.push(record);
    for (let token = 0; token < kl.length; token++)
      this.recordOf.set(firstPosition + token, this.records.length);
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
    return this.meanLostAttention(position, row, row + 1);
  }

  /** Mean over the rows [from, to). */
  meanLostAttention(position: number, from = 0, to = this.layers * this.kvHeads): number {
    const record = this.records[this.recordOf.at(position) - 1];
    if (!record) return NaN;
    const first = (position - record.firstPosition) * this.layers * this.kvHeads;
    let sum = 0;
    for (let row = from; row < to; row++) sum += record.lostAttention[first + row];
    return sum / (to - from);
  }

  /** Where the full cache would first have chosen another token; undefined where it never would. */
  get firstOtherToken(): number | undefined {
    const position = this.sameToken.values.indexOf(0);
    return position < 0 ? undefined : position;
  }
}
