import { heldBits, jaccard } from "./agreement";
import { momentAt } from "./moment";
import { rowsOfLine } from "./retention";
import type { Run } from "./run";

/** Positions up to which two runs say the same, token by token. */
export function commonLength(a: Run, b: Run): number {
  const shorter = Math.min(a.tokens, b.tokens);
  const [left, right] = [a.ids.values, b.ids.values];
  for (let position = 0; position < shorter; position++)
    if (left[position] !== right[position]) return position;
  return shorter;
}

/** Whether two runs can be laid over each other row by row. */
export function comparable(a: Run, b: Run): boolean {
  return a.header.layers === b.header.layers && a.header.kvHeads === b.header.kvHeads;
}

/** Mean agreement of the two runs' heads, layer by layer, when the text was so long. */
export function agreementByLayer(a: Run, b: Run, tokens: number): number[] {
  const [first, second] = [momentAt(a, tokens), momentAt(b, tokens)];
  return Array.from({ length: a.header.layers }, (_, layer) => {
    const [from, to] = rowsOfLine(a, layer, false);
    let sum = 0;
    for (let row = from; row < to; row++)
      sum += jaccard(heldBits(a, row, first), heldBits(b, row, second));
    return sum / (to - from);
  });
}
