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
  /** One of the slots that each evicted. */
  private readonly rows: number[] = [];
  private readonly positions: number[] = [];

  /** @param slots of the stretch, over the heads that are looked at */
  constructor(readonly slots: number) {}

  /** Takes in one slot's eviction; compactions come in order. */
  lose(compaction: number, row: number, position: number, isForgotten: boolean): void {
    if (this.compactions.at(-1) !== compaction) {
      this.compactions.push(compaction);
      this.rows.push(row);
      this.positions.push(position);
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
    if (this.compactions[at] !== compaction) return undefined;
    return { row: this.rows[at], position: this.positions[at] };
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

/** What survives of each of these stretches [from, to), which ascend and do not overlap. */
export function survivals(
  run: Run,
  stretches: readonly { from: number; to: number }[],
  rows?: Rows,
): Work<Survival[]> {
  const groupOf = new Int32Array(run.tokens).fill(-1);
  stretches.forEach(({ from, to }, index) => groupOf.fill(index, from, to));
  return groupSurvivals(run, groupOf, stretches.length, rows);
}

/** Rows [first, end) of the evictions. */
export type Rows = readonly [first: number, end: number];

/**
 * What survives of each of so many groups of tokens, in all rows or some.
 * @param groupOf [positions] −1 for none
 */
export function* groupSurvivals(
  { evictions, compactions, tokens }: Run,
  groupOf: Int32Array,
  groups: number,
  [first, end]: Rows = [0, evictions.rowCount],
): Work<Survival[]> {
  const sizes = new Uint32Array(groups);
  for (const group of groupOf) if (group >= 0) sizes[group]++;
  const found = Array.from(sizes, (size) => new Survival(size * (end - first)));
  const losses = new Uint32Array(tokens);
  for (let compaction = 0; compaction < compactions.length; compaction++, yield) {
    const { rows, positions } = evictions.evictedBy(compaction);
    for (let index = 0; index < positions.length; index++) {
      if (index % betweenRests === 0) yield;
      const [row, position] = [rows[index], positions[index]];
      if (row < first || row >= end) continue;
      const isLast = ++losses[position] === end - first;
      if (groupOf[position] >= 0) found[groupOf[position]].lose(compaction, row, position, isLast);
    }
  }
  return found;
}
