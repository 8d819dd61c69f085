/**
 * Cosine similarity of the keys of one head, and R-KV's redundancy from it, as in the authors'
 * code (`cal_similarity`, `retain_direction="last"`).
 */

/** Rows and columns that are compared at once: what is read serves all of them. */
const [tall, wide] = [4, 2];

/**
 * Cosine of every two keys, in pieces: the caller may rest between a few rows.
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
  // Rows more, so that rows come in fours; numbers that need not be widened at each product.
  const rows = new Float64Array((slots + tall) * headDim);
  rows.set(keys.subarray(0, slots * headDim));
  const block = new Float64Array(tall * wide);
  for (let row = 0; row < slots; row += tall, yield)
    for (let column = row; column < slots; column += wide) {
      products(rows, row * headDim, column * headDim, headDim, block);
      putBlock(result, slots, row, column, block);
    }
  return result;
}

/** Both of the diagonal's sides, as far as the block lies above it. */
function putBlock(
  result: Float32Array,
  slots: number,
  row: number,
  column: number,
  block: Float64Array,
): void {
  for (let cell = 0; cell < block.length; cell++) {
    const y = row + Math.floor(cell / wide);
    const x = column + (cell % wide);
    if (y < x && x < slots) result[y * slots + x] = result[x * slots + y] = block[cell];
  }
}

/** Of four rows and two rows, each with each. */
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
  let s4 = 0;
  let s5 = 0;
  let s6 = 0;
  let s7 = 0;
  const b1 = b + length;
  const a1 = a + length;
  const a2 = a1 + length;
  const a3 = a2 + length;
  for (let d = 0; d < length; d++) {
    const one = keys[b + d];
    const other = keys[b1 + d];
    const first = keys[a + d];
    s0 += first * one;
    s1 += first * other;
    const second = keys[a1 + d];
    s2 += second * one;
    s3 += second * other;
    const third = keys[a2 + d];
    s4 += third * one;
    s5 += third * other;
    const fourth = keys[a3 + d];
    s6 += fourth * one;
    s7 += fourth * other;
  }
  result[0] = s0;
  result[1] = s1;
  result[2] = s2;
  result[3] = s3;
  result[4] = s4;
  result[5] = s5;
  result[6] = s6;
  result[7] = s7;
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
