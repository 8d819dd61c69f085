import { momentAt } from "./moment";
import type { Run } from "./run";

/** Positions up to which two runs say the same, token by token. */
export function commonLength(a: Run, b: Run): number {
  const shorter = Math.min(a.tokens, b.tokens);
  const [left, right] = [a.ids.values, b.ids.values];
  for (let position = 0; position < shorter; position++)
    if (left[position] !== right[position]) return position;
  return shorter;
}

/** How far two runs can be laid over each other. */
export type Relation =
  /** One of them has no tokens yet. */
  | "empty"
  /** Of models with other layers or heads. */
  | "otherShape"
  | "otherPrompt"
  /** Neither had evicted anything: both hold all that they share. */
  | "allHeld"
  | "comparable";

/** @param tokens length of both texts at which they are compared */
export function relation(a: Run, b: Run, tokens: number): Relation {
  if (a.tokens === 0 || b.tokens === 0) return "empty";
  if (a.header.layers !== b.header.layers || a.header.kvHeads !== b.header.kvHeads)
    return "otherShape";
  const common = commonLength(a, b);
  const prompt = Math.max(1, a.promptTokens, b.promptTokens);
  if (common < Math.min(prompt, a.tokens, b.tokens)) return "otherPrompt";
  return anyEvicted(a, b, tokens) ? "comparable" : "allHeld";
}

/**
 * Length of both texts at which two runs are compared, at a moment of the first: where they part,
 * for behind it they hold different things; at the moment itself before that, and also behind it
 * where neither had evicted anything when they parted.
 */
export function comparedAt(a: Run, b: Run, tokens: number): number {
  const common = commonLength(a, b);
  return tokens > common && anyEvicted(a, b, common) ? common : tokens;
}

function anyEvicted(a: Run, b: Run, tokens: number): boolean {
  return [a, b].some((run) => momentAt(run, tokens).compactions > 0);
}
