/** What one compaction took from one reasoning step. */
import type { Work } from "./pieces";
import type { Run } from "./run";
import type { Rows } from "./survival";

export interface EvictedToken {
  position: number;
  /** How many of the heads that are looked at let it go. */
  heads: number;
  /** The first of them. */
  row: number;
}

/** Tokens of [from, to) that a compaction evicted from any of the rows [first, end), in text order. */
export function* evictedTokens(
  { evictions }: Run,
  { from, to }: { from: number; to: number },
  compaction: number,
  [first, end]: Rows,
): Work<EvictedToken[]> {
  const rows = evictions.decidedRows(first, end);
  const found: EvictedToken[] = [];
  for (let position = from; position < to; position++, yield) {
    let token: EvictedToken | undefined;
    for (const row of rows) {
      if (evictions.evictedAt(row, position) !== compaction) continue;
      token ??= { position, heads: 0, row };
      token.heads++;
    }
    if (token) found.push(token);
  }
  return found;
}
