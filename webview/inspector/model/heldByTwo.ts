import { momentAt } from "./moment";
import type { Work } from "./pieces";
import type { Run } from "./run";

/** Positions [from, to). */
export interface Stretch {
  from: number;
  to: number;
}

/** Slots of two runs, each [layers, stretches], summed over a layer's heads. */
export interface HeldByTwo {
  both: Uint32Array;
  onlyFirst: Uint32Array;
  onlySecond: Uint32Array;
}

/**
 * What two runs of one shape hold of the text that they share, each as it was when its own text was
 * `tokens` long.
 */
export function* heldByTwo(
  pair: readonly [Run, Run],
  tokens: number,
  stretches: readonly Stretch[],
): Work<HeldByTwo> {
  const { layers, kvHeads } = pair[0].header;
  const empty = (): Uint32Array => new Uint32Array(layers * stretches.length);
  const found: HeldByTwo = { both: empty(), onlyFirst: empty(), onlySecond: empty() };
  for (let layer = 0; layer < layers; layer++, yield) {
    const rows = decidedByEither(pair, layer);
    const place = layer * stretches.length;
    stretches.forEach(({ from, to }, index) => {
      found.both[place + index] = (kvHeads - rows.length) * (to - from);
    });
    for (const row of rows) yield* countRow(pair, tokens, row, stretches, found, place);
  }
  return found;
}

/** Rows of a layer in which one of the runs may have lost something. */
function decidedByEither(pair: readonly [Run, Run], layer: number): number[] {
  const { kvHeads } = pair[0].header;
  const decided = pair.flatMap(({ evictions }) =>
    evictions.decidedRows(layer * kvHeads, (layer + 1) * kvHeads),
  );
  return [...new Set(decided)];
}

function* countRow(
  pair: readonly [Run, Run],
  tokens: number,
  row: number,
  stretches: readonly Stretch[],
  found: HeldByTwo,
  place: number,
): Work<void> {
  const [a, b] = pair.map(({ evictions }) => evictions.row(row));
  const [lastA, lastB] = pair.map((run) => momentAt(run, tokens).compactions);
  for (let index = 0; index < stretches.length; index++, yield)
    for (let { from: at } = stretches[index]; at < stretches[index].to; at++) {
      const isFirst = at >= a.length || a[at] >= lastA;
      const isSecond = at >= b.length || b[at] >= lastB;
      if (isFirst && isSecond) found.both[place + index]++;
      else if (isFirst) found.onlyFirst[place + index]++;
      else if (isSecond) found.onlySecond[place + index]++;
    }
}

/** Of the slots that either holds, the share that both hold; NaN where neither holds any. */
export function agreed({ both, onlyFirst, onlySecond }: HeldByTwo, cells: number[]): number {
  let shared = 0;
  let either = 0;
  for (const cell of cells) {
    shared += both[cell];
    either += both[cell] + onlyFirst[cell] + onlySecond[cell];
  }
  return either === 0 ? NaN : shared / either;
}
