import type { Work } from "./pieces";
import type { Moment } from "./moment";
import type { Run } from "./run";

/** [positions] 1 where a row holds the token at the moment. */
export function heldBits(run: Run, row: number, { tokens, compactions }: Moment): Uint8Array {
  const at = run.evictions.row(row);
  return Uint8Array.from({ length: tokens }, (_, position) =>
    position >= at.length || at[position] >= compactions ? 1 : 0,
  );
}

/** Tokens that both hold, as a share of those that at least one holds; 1 where none holds any. */
export function jaccard(a: Uint8Array, b: Uint8Array): number {
  let both = 0;
  let either = 0;
  for (let position = 0; position < a.length; position++) {
    both += a[position] & b[position];
    either += a[position] | b[position];
  }
  return either === 0 ? 1 : both / either;
}

/** Heads that are compared with each other at most: their squares still have a pixel each. */
const mostCompared = 256;

/** How far heads agree. A row is layer · kvHeads + head. */
export interface Agreement {
  /** All rows, or as many of them, evenly spread, as can be told apart in a picture. */
  rows: number[];
  /** [rows, rows] Jaccard index of what every two of them hold. */
  values: Float32Array;
}

export function* headAgreement(run: Run, moment: Moment): Work<Agreement> {
  const { rowCount } = run.evictions;
  const length = Math.min(rowCount, mostCompared);
  const rows = Array.from({ length }, (_, index) => Math.floor((index * rowCount) / length));
  const bits: Uint8Array[] = [];
  for (const row of rows) {
    bits.push(heldBits(run, row, moment));
    yield;
  }
  const values = new Float32Array(length * length).fill(1);
  for (let a = 0; a < length; a++)
    for (let b = a + 1; b < length; b++, yield)
      values[a * length + b] = values[b * length + a] = jaccard(bits[a], bits[b]);
  return { rows, values };
}

/** Mean agreement of every two compared heads within a layer; 1 where there are no two. */
export function layerAgreement({ rows, values }: Agreement, layer: number, kvHeads: number) {
  const own = [...rows.keys()].filter((index) => Math.floor(rows[index] / kvHeads) === layer);
  let sum = 0;
  let pairs = 0;
  for (const a of own)
    for (const b of own)
      if (a < b) {
        sum += values[a * rows.length + b];
        pairs++;
      }
  return pairs === 0 ? 1 : sum / pairs;
}
