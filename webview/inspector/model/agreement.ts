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

/** [rows, rows] Jaccard index of what every two heads hold. A row is layer · kvHeads + head. */
export function headAgreement(run: Run, moment: Moment): Float32Array {
  const rows = run.evictions.rowCount;
  const bits = Array.from({ length: rows }, (_, row) => heldBits(run, row, moment));
  const result = new Float32Array(rows * rows).fill(1);
  for (let a = 0; a < rows; a++)
    for (let b = a + 1; b < rows; b++)
      result[a * rows + b] = result[b * rows + a] = jaccard(bits[a], bits[b]);
  return result;
}

/** Mean agreement of every two heads within each layer; 1 where a layer has one head. */
export function layerAgreement(agreement: Float32Array, layers: number, kvHeads: number): number[] {
  const rows = layers * kvHeads;
  return Array.from({ length: layers }, (_, layer) => {
    let sum = 0;
    let pairs = 0;
    for (let a = layer * kvHeads; a < (layer + 1) * kvHeads; a++)
      for (let b = a + 1; b < (layer + 1) * kvHeads; b++, pairs++) sum += agreement[a * rows + b];
    return pairs === 0 ? 1 : sum / pairs;
  });
}
