import { range } from "d3";
import type { Data } from "./data";
import {
  explained,
  explainedSimilarities,
  similarityAbsence,
  similarityName,
  type Explained,
  type Similarities,
} from "./explained";
import type { State } from "./state";

/** Compactions, before the one that is asked for, that may stand in for it. */
const mostBefore = 4;

/** Similarities, and of which compaction and head they are. */
export interface Shown {
  asked: Explained;
  found: Similarities;
}

/**
 * What is explained; while that is being read, or written, what was there a compaction or a few
 * before, so that a run that is written fast, or a moment that moves, is followed without a gap.
 */
export function similaritiesToShow(state: Readonly<State>, data: Data): Shown | undefined {
  const asked = explained(state);
  if (!asked) return undefined;
  const found = explainedSimilarities(state, data, asked);
  if (found) return { asked, found };
  const isReading = similarityAbsence(state, data, asked).kind === "asked";
  if (!isReading && !state.live) return undefined;
  for (const compaction of compactionsBefore(asked.compaction, isReading)) {
    const earlier = { ...asked, compaction };
    const known = isReading
      ? data.peek<Similarities>(state.run, similarityName(earlier))
      : explainedSimilarities(state, data, earlier);
    if (known) return { asked: earlier, found: known };
  }
  return undefined;
}

/**
 * Those that may stand in for one that is not there, the nearest first.
 *
 * @param isReading whether it is there soon; else what stands in has to be read itself
 */
export function compactionsBefore(compaction: number, isReading: boolean): number[] {
  const most = isReading ? mostBefore : 1;
  return range(compaction - 1, Math.max(-1, compaction - 1 - most), -1);
}

/** Whether the head still holds it after that compaction. */
export function staysAfter({ run }: Readonly<State>, asked: Explained, position: number): boolean {
  const row = asked.layer * run.header.kvHeads + asked.head;
  return run.evictions.evictedAt(row, position) > asked.compaction;
}
