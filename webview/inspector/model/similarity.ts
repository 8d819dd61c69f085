/**
 * Cosine similarity of the keys of one head, and R-KV's redundancy from it, as in the authors'
 * code (`cal_similarity`, `retain_direction="last"`).
 */

/**
 * Cosine of every two keys, in pieces: the caller may rest between two rows.
 *
 * @param keys [slots, headDim] unit keys
 * @returns [slots, slots], 0 on the diagonal
 */
export function* similarityByRow(
  keys: Float32Array,
  slots: number,
  headDim: number,
): Generator<void, Float32Array> {
  const result = new Float32Array(slots * slots);
  const put = (row: number, column: number, cosine: number): void => {
    if (row >= column || column >= slots) return;
    result[row * slots + column] = result[column * slots + row] = cosine;
  };
  // A row more, so that rows come in pairs; numbers that need not be widened at each product.
  const wide = new Float64Array((slots + 1) * headDim);
  wide.set(keys.subarray(0, slots * headDim));
  const four = new Float64Array(4);
  for (let row = 0; row < slots; row += 2, yield)
    for (let column = row; column < slots; column += 2) {
      products(wide, row * headDim, column * headDim, headDim, four);
      put(row, column, four[0]);
      put(row, column + 1, four[1]);
      put(row + 1, column, four[2]);
      put(row + 1, column + 1, four[3]);
    }
  return result;
}

/** Of two rows and the ones behind them, each with each: what is read once serves two of them. */
function products(
  keys: Float64Array,
  a: number,
  b: number,
  length: number,
  result: Float64Array,
): void {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let d = 0; d < length; d++) {
    const one = keys[a + d];
    const next = keys[a + length + d];
    const other = keys[b + d];
    const after = keys[b + length + d];
    s0 += one * other;
    s1 += one * after;
    s2 += next * other;
    s3 += next * after;
  }
  result[0] = s0;
  result[1] = s1;
  result[2] = s2;
  result[3] = s3;
}

/**
 * The last near-duplicate of a slot, which its similarity does not count against: last in the order
 * of slots, which is the newest only before the first compaction. Undefined where it has none.
 *
 * @param row [slots] its similarities
 * @param order [slots] the slot at each place (slotsInOrder)
 */
function sparedBy(row: Float32Array, order: Int32Array, threshold: number): number | undefined {
  return order.findLast((slot) => row[slot] > threshold);
}

/**
 * Softmax over slots of the mean similarity that each receives. A slot without near-duplicates
 * spares the first one in order, as in the authors' code.
 *
 * @param similarities [slots, slots]
 * @param order [slots] the slot at each place (slotsInOrder)
 * @returns [slots], sums to 1
 */
export function redundancy(
  similarities: Float32Array,
  order: Int32Array,
  threshold: number,
): Float32Array {
  const slots = order.length;
  const means = new Float64Array(slots);
  for (let slot = 0; slot < slots; slot++) {
    const row = similarities.subarray(slot * slots, (slot + 1) * slots);
    const spared = sparedBy(row, order, threshold) ?? order[0];
    for (let column = 0; column < slots; column++)
      if (column !== spared) means[column] += row[column] / slots;
  }
  const largest = means.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = means.map((mean) => Math.exp(mean - largest));
  const sum = weights.reduce((a, b) => a + b, 0);
  return Float32Array.from(weights, (weight) => weight / sum);
}

export interface Neighbour {
  slot: number;
  similarity: number;
  /** The last in order of the near-duplicates of the slot that was asked about. */
  spared: boolean;
}

/** Slots whose keys are nearer than the threshold to one slot's key, nearest first. */
export function neighbours(
  similarities: Float32Array,
  order: Int32Array,
  slot: number,
  threshold: number,
): Neighbour[] {
  const slots = order.length;
  const row = similarities.subarray(slot * slots, (slot + 1) * slots);
  const spared = sparedBy(row, order, threshold);
  return [...row]
    .map((value, other) => ({ slot: other, similarity: value, spared: other === spared }))
    .filter(({ similarity: value }) => value > threshold)
    .sort((a, b) => b.similarity - a.similarity);
}

/** [slots] 1 for each that is the last near-duplicate of another one. */
export function sparedSlots(
  similarities: Float32Array,
  order: Int32Array,
  threshold: number,
): Uint8Array {
  const slots = order.length;
  const spared = new Uint8Array(slots);
  for (let slot = 0; slot < slots; slot++) {
    const row = similarities.subarray(slot * slots, (slot + 1) * slots);
    spared[sparedBy(row, order, threshold) ?? slots] = 1;
  }
  return spared;
}
