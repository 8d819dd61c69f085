import type { Run } from "./run";

/** A moment of a run: how long the text was, and how many compactions there had been. */
export interface Moment {
  tokens: number;
  compactions: number;
}

/** The moment when the text was `tokens` long, after the compactions that happened at that length. */
export function momentAt(run: Run, tokens: number): Moment {
  const length = Math.max(0, Math.min(Math.round(tokens), run.tokens));
  let low = 0;
  let high = run.compactions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (run.compactions[middle].position <= length) low = middle + 1;
    else high = middle;
  }
  return { tokens: length, compactions: low };
}

/** Length of the text at the compaction before (−1) or after (1) a moment, else the run's end. */
export function neighbourCompaction(run: Run, moment: Moment, direction: -1 | 1): number {
  if (direction === 1) return run.compactions[moment.compactions]?.position ?? run.tokens;
  const before = run.compactions.findLast(({ position }) => position < moment.tokens);
  return before?.position ?? 0;
}

export interface Bytes {
  held: number;
  full: number;
}

/** Bytes of keys and values at a moment, and of a cache that evicts nothing. */
export function bytesAt(run: Run, { tokens, compactions }: Moment): Bytes {
  const { bytesPerToken } = run.header;
  const last = run.compactions[compactions - 1];
  const since = last ? tokens - last.position : tokens;
  return { held: (last?.bytesAfter ?? 0) + since * bytesPerToken, full: tokens * bytesPerToken };
}

/** Share of layers and heads that hold a token at a moment, 0 to 1; NaN before it was decoded. */
export function heldShare(run: Run, position: number, moment: Moment): number {
  if (position >= moment.tokens) return NaN;
  return run.evictions.heldBy(position, moment.compactions) / run.evictions.rowCount;
}

/** The step that a position belongs to, by its index; −1 where no step was written. */
export function stepAt(steps: readonly { from: number }[], position: number): number {
  return steps.findLastIndex(({ from }) => from <= position);
}
