/** Why a candidate was retained or evicted, as far as its score has parts. */
import type { Candidate, Decision } from "./decision";
import type { Moment } from "./moment";
import type { Run } from "./run";
import { neighbours } from "./similarity";

/** One head's part in one compaction. */
export interface Explained {
  compaction: number;
  layer: number;
  head: number;
}

/** The token, who is asked about it, and what is known of that decision. */
export interface About {
  run: Run;
  moment: Moment;
  asked: Explained;
  position: number;
  decision?: Decision;
  twin?: Twin;
}

/** What speaks for a verdict: each is true or not known to be. */
export interface Reasons {
  /** An evicted one: less important than the middle of what stayed; a retained one: more than of what went. */
  byImportance: boolean;
  /** The same of redundancy: evicted for more, retained for less. */
  byRedundancy: boolean;
}

export function reasonsOf(candidate: Candidate, { typical }: Decision): Reasons {
  const { importance, redundancy, retained } = candidate;
  const { retained: stayed, evicted: went } = typical;
  return retained
    ? { byImportance: importance > went.importance, byRedundancy: redundancy < went.redundancy }
    : {
        byImportance: importance < stayed.importance,
        byRedundancy: redundancy > stayed.redundancy,
      };
}

/** The near-duplicate that is named beside a token. */
export interface Twin {
  position: number;
  cosine: number;
  retained: boolean;
}

/** Keys of one head compared, and what became of their slots. */
export interface Similarities {
  positions: readonly number[];
  /** [slots, slots] */
  values: Float32Array;
  /** [slots] the slot at each place of the policy's order. */
  order: Int32Array;
  threshold: number;
}

/**
 * The near-duplicate that fared otherwise than the token: the nearest that is the same word, else
 * the nearest. Where none fared otherwise, the nearest at all; undefined where it has none.
 */
export function twinOf(
  position: number,
  texts: readonly string[],
  isRetained: (position: number) => boolean,
  { positions, values, order, threshold }: Similarities,
): Twin | undefined {
  const slot = positions.indexOf(position);
  if (slot < 0) return undefined;
  const near = neighbours(values, order, slot, threshold).map(({ slot: other, similarity }) => {
    const at = positions[other];
    return { position: at, cosine: similarity, retained: isRetained(at) };
  });
  const own = isRetained(position);
  const others = near.filter(({ retained }) => retained !== own);
  return others.find((twin) => isSameWord(texts, position, twin.position)) ?? others[0] ?? near[0];
}

/** Keys of different words may be as near as those of one. */
export const isSameWord = (texts: readonly string[], a: number, b: number): boolean =>
  texts[a]?.trim() === texts[b]?.trim();
