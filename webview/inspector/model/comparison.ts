import type { Work } from "./pieces";
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
function comparable(a: Run, b: Run): boolean {
  return a.header.layers === b.header.layers && a.header.kvHeads === b.header.kvHeads;
}

/** Whether either run had evicted something by the time the text was so long. */
export function anyEvicted(runs: readonly Run[], tokens: number): boolean {
  return runs.some((run) => momentAt(run, tokens).compactions > 0);
}

/**
 * Why two runs cannot be laid over each other, in a sentence; undefined where they can: they read
 * the same prompt, and at least one of them evicted something before their texts part.
 */
export function obstacle(a: Run, b: Run): string | undefined {
  if (!comparable(a, b)) return "The two runs are of models with other layers or heads.";
  const common = commonLength(a, b);
  if (common === 0) return "The two runs begin with different tokens.";
  const prompt = Math.max(a.promptTokens, b.promptTokens);
  if (common < Math.min(prompt, a.tokens, b.tokens))
    return `The two runs read different prompts: they part at token ${common}, within a prompt of ${prompt}. Compare two runs of one question.`;
  if (anyEvicted([a, b], common)) return undefined;
  return `Neither run had evicted anything at token ${common}, where they part: up to there both hold everything, and behind it they say different things.`;
}

/** Mean agreement of the two runs' heads, layer by layer, when the text was so long. */
export function* agreementByLayer(a: Run, b: Run, tokens: number): Work<number[]> {
  const [first, second] = [momentAt(a, tokens), momentAt(b, tokens)];
  const agreement: number[] = [];
  for (let layer = 0; layer < a.header.layers; layer++) {
    const [from, to] = rowsOfLine(a, layer, false);
    const decided = [a, b].flatMap(({ evictions }) => evictions.decidedRows(from, to));
    const rows = new Set(decided);
    let sum = to - from - rows.size;
    for (const row of rows) {
      sum += jaccard(heldBits(a, row, first), heldBits(b, row, second));
      yield;
    }
    agreement.push(sum / (to - from));
    yield;
  }
  return agreement;
}
