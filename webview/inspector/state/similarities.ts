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
export const mostBefore = 4;

/** Similarities, and of which compaction and head they are. */
export interface Shown {
  asked: Explained;
  found: Similarities;
}

/**
 * What is explained; while that is being read, what was shown a compaction or a few before, so that
 * a run that is written fast, or a moment that moves, is followed without a gap.
 */
export function similaritiesToShow(state: Readonly<State>, data: Data): Shown | undefined {
  const asked = explained(state);
  if (!asked) return undefined;
  const found = explainedSimilarities(state, data, asked);
  if (found) return { asked, found };
  if (similarityAbsence(state, data, asked).kind !== "asked") return undefined;
  for (let before = 1; before <= mostBefore; before++) {
    const earlier = { ...asked, compaction: asked.compaction - before };
    const known = data.peek<Similarities>(state.run, similarityName(earlier));
    if (known) return { asked: earlier, found: known };
  }
  return undefined;
}

/** Whether the head still holds it after that compaction. */
export function staysAfter({ run }: Readonly<State>, asked: Explained, position: number): boolean {
  const row = asked.layer * run.header.kvHeads + asked.head;
  return run.evictions.evictedAt(row, position) > asked.compaction;
}
