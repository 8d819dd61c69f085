import type { Evictions } from "./evictions";
import type { Run } from "./run";

/**
 * What survives of a stretch of text, compaction by compaction.
 * Index c is the state after c compactions, 0 being all held.
 */
export interface Survival {
  /** [compactions + 1] share of the stretch's slots, over all layers and heads, still held. */
  held: Float32Array;
  /** [compactions + 1] tokens that no head of any layer holds any more. */
  forgotten: Uint32Array;
}

/** The positions [from, to) after each of the run's compactions. Counts each slot once. */
export function survival(run: Run, from: number, to: number): Survival {
  const { evictions, compactions } = run;
  const evicted = new Float64Array(compactions.length + 1);
  const forgotten = new Uint32Array(compactions.length + 1);
  for (let position = from; position < to; position++) {
    const last = countEvictions(evictions, position, evicted);
    if (last < compactions.length) forgotten[last + 1]++;
  }
  const slots = (to - from) * evictions.rowCount;
  const held = new Float32Array(compactions.length + 1);
  let gone = 0;
  for (let count = 0; count < held.length; count++) {
    gone += evicted[count];
    held[count] = slots === 0 ? NaN : 1 - gone / slots;
    if (count > 0) forgotten[count] += forgotten[count - 1];
  }
  return { held, forgotten };
}

/** Adds one to `evicted[c + 1]` for each row that lost the token in compaction c; returns the last c. */
function countEvictions(evictions: Evictions, position: number, evicted: Float64Array): number {
  let last = 0;
  for (let row = 0; row < evictions.rowCount; row++) {
    const at = evictions.evictedAt(row, position);
    if (at + 1 < evicted.length) evicted[at + 1]++;
    if (at > last) last = at;
  }
  return last;
}

/** Slots of the positions [from, to) that one compaction evicted, over all layers and heads. */
export function evictedIn(run: Run, compaction: number, from: number, to: number): number {
  let count = 0;
  for (let row = 0; row < run.evictions.rowCount; row++) {
    const at = run.evictions.row(row);
    for (let position = from; position < Math.min(to, at.length); position++)
      if (at[position] === compaction) count++;
  }
  return count;
}
