import type { Work } from "./pieces";
import type { Moment } from "./moment";
import type { Run } from "./run";

/** What kind of token a slot is spent on, the first that fits. */
export const tokenKinds = ["sinks", "prompt", "recent", "numbers", "other"] as const;
export type TokenKind = (typeof tokenKinds)[number];

const sinks = 4;

/** Kind of a token at a moment; the newest `window` tokens are recent. */
function kindOf(run: Run, position: number, moment: Moment, window: number): TokenKind {
  if (position < sinks) return "sinks";
  if (position < run.promptTokens) return "prompt";
  if (position >= moment.tokens - window) return "recent";
  return /\d/.test(run.texts[position]) ? "numbers" : "other";
}

export type Composition = Record<TokenKind, number>;

/** Slots that each layer spends on each kind of token, over its heads. */
export function* compositions(run: Run, moment: Moment, window: number): Work<Composition[]> {
  const { layers, kvHeads } = run.header;
  const kinds: TokenKind[] = [];
  const all: Composition = { sinks: 0, prompt: 0, recent: 0, numbers: 0, other: 0 };
  for (let position = 0; position < moment.tokens; position++, yield) {
    kinds.push(kindOf(run, position, moment, window));
    all[kinds[position]] += kvHeads;
  }
  const spent = Array.from({ length: layers }, () => ({ ...all }));
  for (const row of run.evictions.decidedRows()) {
    const slots = spent[Math.floor(row / kvHeads)];
    const at = run.evictions.row(row);
    for (let position = 0; position < Math.min(at.length, moment.tokens); position++)
      if (at[position] < moment.compactions) slots[kinds[position]]--;
    yield;
  }
  return spent;
}
