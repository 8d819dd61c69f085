import { bisectLeft } from "d3";
import type { Work } from "./pieces";
import type { Run } from "./run";

/** Evictions that are counted before the work may rest. */
const betweenRests = 4096;

/** One head's place for one token. */
export interface Slot {
  row: number;
  position: number;
}

/**
 * What survives of a stretch of text, compaction by compaction. Holds only those that evicted
 * something of it, so that many stretches and many compactions cost no more than the evictions.
 */
export class Survival {
  /** Compactions that evicted something, ascending; and what was gone after each. */
  private readonly compactions: number[] = [];
  private readonly evicted: number[] = [];
  private readonly forgotten: number[] = [];
  private readonly firsts: Slot[] = [];

  /** @param slots of the stretch, over the heads that are looked at */
  constructor(readonly slots: number) {}

  /** Takes in one slot's eviction; compactions come in order. */
  lose(compaction: number, row: number, position: number, isForgotten: boolean): void {
    if (this.compactions.at(-1) !== compaction) {
      this.compactions.push(compaction);
      this.firsts.push({ row, position });
      this.evicted.push(this.evicted.at(-1) ?? 0);
      this.forgotten.push(this.forgotten.at(-1) ?? 0);
    }
    this.evicted[this.evicted.length - 1]++;
    if (isForgotten) this.forgotten[this.forgotten.length - 1]++;
  }

  /** Share of its slots still held after so many compactions; NaN for a stretch without any. */
  heldAfter(compactions: number): number {
    if (this.slots === 0) return NaN;
    return 1 - this.upTo(this.evicted, compactions) / this.slots;
  }

  /** Tokens that none of the heads holds after so many compactions. */
  forgottenAfter(compactions: number): number {
    return this.upTo(this.forgotten, compactions);
  }

  /** Slots that one compaction evicted. */
  evictedIn(compaction: number): number {
    return this.upTo(this.evicted, compaction + 1) - this.upTo(this.evicted, compaction);
  }

  /** Slots that the compactions up to there evicted. */
  evictedAfter(compactions: number): number {
    return this.upTo(this.evicted, compactions);
  }

  /** One of the slots that a compaction evicted; undefined where it evicted none. */
  firstIn(compaction: number): Slot | undefined {
    const at = bisectLeft(this.compactions, compaction);
    return this.compactions[at] === compaction ? this.firsts[at] : undefined;
  }

  /** Calls with each compaction that evicted something, and how many slots. */
  forEach(call: (compaction: number, evicted: number) => void): void {
    this.compactions.forEach((compaction, at) =>
      call(compaction, this.evicted[at] - (this.evicted[at - 1] ?? 0)),
    );
  }

  private upTo(sums: number[], compactions: number): number {
    return sums[bisectLeft(this.compactions, compactions) - 1] ?? 0;
  }
}

/**
 * What survives of each of these stretches [from, to), which ascend and do not overlap, in the rows
 * [first, end).
 */
export function* survivals(
  { evictions, compactions, tokens }: Run,
  stretches: readonly { from: number; to: number }[],
  [first, end]: readonly [number, number] = [0, evictions.rowCount],
): Work<Survival[]> {
  const found = stretches.map(({ from, to }) => new Survival((to - from) * (end - first)));
  const stretchOf = new Int32Array(tokens).fill(-1);
  stretches.forEach(({ from, to }, index) => stretchOf.fill(index, from, to));
  const losses = new Uint32Array(tokens);
  for (let compaction = 0; compaction < compactions.length; compaction++, yield) {
    const { rows, positions } = evictions.evictedBy(compaction);
    for (let index = 0; index < positions.length; index++) {
      if (index % betweenRests === 0) yield;
      const [row, position] = [rows[index], positions[index]];
      if (row < first || row >= end) continue;
      const isLast = ++losses[position] === end - first;
      found[stretchOf[position]]?.lose(compaction, row, position, isLast);
    }
  }
  return found;
}
