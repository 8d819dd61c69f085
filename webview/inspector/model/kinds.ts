import type { Moment } from "./moment";
import { rowsOfLine } from "./retention";
import type { Run } from "./run";

/** What kind of token a slot is spent on, the first that fits. */
export const tokenKinds = ["sinks", "prompt", "recent", "numbers", "other"] as const;
export type TokenKind = (typeof tokenKinds)[number];

const sinks = 4;

/** Kind of a token at a moment; the newest `window` tokens are recent. */
export function kindOf(run: Run, position: number, moment: Moment, window: number): TokenKind {
  if (position < sinks) return "sinks";
  if (position < run.promptTokens) return "prompt";
  if (position >= moment.tokens - window) return "recent";
  return /\d/.test(run.texts[position]) ? "numbers" : "other";
}

export type Composition = Record<TokenKind, number>;

/** Slots that each layer spends on each kind of token, over its heads. */
export function compositions(run: Run, moment: Moment, window: number): Composition[] {
  const kinds = Array.from({ length: moment.tokens }, (_, p) => kindOf(run, p, moment, window));
  return Array.from({ length: run.header.layers }, (_, layer) => {
    const [from, to] = rowsOfLine(run, layer, false);
    const slots: Composition = { sinks: 0, prompt: 0, recent: 0, numbers: 0, other: 0 };
    kinds.forEach((kind, position) => {
      slots[kind] += run.evictions.heldBy(position, moment.compactions, from, to);
    });
    return slots;
  });
}
