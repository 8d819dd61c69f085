/** Which slots survive. Pure: the same scores give the same slots on every device. */

export interface SelectionInput {
  /** Candidates per head: every slot but the newest `window`. */
  candidates: number;
  window: number;
  /** Slots each head retains, window and pinned included. */
  budget: number;
  /** [heads, candidates] */
  scores: Float32Array;
  /** Per head, how many candidates from the first on are retained whatever their score: a pinned prompt. */
  pinned: readonly number[];
}

/** Each [heads, min(budget, slots)]. */
export interface Selection {
  /** Retained slots, ascending within a head. */
  slots: Int32Array;
  /**
   * The same by falling score, as numbers among the retained ones: what is pinned, the best first,
   * the window. So `R1KV.update_kv` and `SnapKV.update_kv` of Zefan-Cai/R-KV at d15c976 leave their
   * cache; they know no pinned prompt.
   */
  byScore: Int32Array;
}

/**
 * Retains the window, what is pinned, and the highest scores among the rest; of equal scores the
 * newer slot. Window and pinned slots do not compete, so no score can push one out.
 * Throws a RangeError if a head's pinned slots and the window do not fit the budget.
 */
export function selectSlots(input: SelectionInput): Selection {
  const { candidates, window, scores } = input;
  const heads = scores.length / candidates;
  const retained = Math.min(input.budget, candidates + window);
  const slots = new Int32Array(heads * retained);
  const byScore = new Int32Array(heads * retained);
  for (let head = 0; head < heads; head++) {
    const chosen = bestCandidates(input, head, retained - window);
    for (let i = 0; i < window; i++) chosen.push(candidates + i);
    const ascending = Int32Array.from(chosen).sort();
    const numbers = new Map(Array.from(ascending, (slot, number) => [slot, number]));
    slots.set(ascending, head * retained);
    byScore.set(
      chosen.map((slot) => numbers.get(slot) ?? 0),
      head * retained,
    );
  }
  return { slots, byScore };
}

/** What is pinned, then the best by falling score. */
function bestCandidates(input: SelectionInput, head: number, count: number): number[] {
  const { candidates, window, budget } = input;
  const scores = input.scores.subarray(head * candidates, (head + 1) * candidates);
  const pinned = input.pinned[head];
  if (pinned > count)
    throw new RangeError(
      `The pinned tokens and the window need ${pinned + window} slots, but the budget is ${budget}.`,
    );
  const slots = [...scores.keys()];
  const best = slots.slice(pinned).sort((a, b) => scores[b] - scores[a] || b - a);
  return [...slots.slice(0, pinned), ...best.slice(0, count - pinned)];
}
