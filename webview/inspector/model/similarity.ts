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
  for (let row = 0; row < slots; row++, yield)
    for (let column = row + 1; column < slots; column++) {
      const dot = product(keys, row * headDim, column * headDim, headDim);
      result[row * slots + column] = result[column * slots + row] = dot;
    }
  return result;
}

/** Of two rows; four sums at once, which a processor does side by side. */
function product(keys: Float32Array, a: number, b: number, length: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const whole = length - (length % 4);
  for (let d = 0; d < whole; d += 4) {
    s0 += keys[a + d] * keys[b + d];
    s1 += keys[a + d + 1] * keys[b + d + 1];
    s2 += keys[a + d + 2] * keys[b + d + 2];
    s3 += keys[a + d + 3] * keys[b + d + 3];
  }
  for (let d = whole; d < length; d++) s0 += keys[a + d] * keys[b + d];
  return s0 + s1 + (s2 + s3);
}

/**
 * The newest near-duplicate of each slot, which its similarity does not count against; −1 where a
 * slot has none.
 */
export function sparedDuplicates(
  similarities: Float32Array,
  slots: number,
  threshold: number,
): Int32Array {
  return Int32Array.from({ length: slots }, (_, row) =>
    similarities
      .subarray(row * slots, (row + 1) * slots)
      .findLastIndex((value) => value > threshold),
  );
}

/**
 * Softmax over slots of the mean similarity that each receives. A slot without near-duplicates
 * spares slot 0, as in the authors' code.
 *
 * @param similarities [slots, slots]
 * @returns [slots], sums to 1
 */
export function redundancy(
  similarities: Float32Array,
  slots: number,
  threshold: number,
): Float32Array {
  const spared = sparedDuplicates(similarities, slots, threshold);
  const means = new Float64Array(slots);
  for (let row = 0; row < slots; row++)
    for (let column = 0; column < slots; column++)
      if (column !== Math.max(0, spared[row]))
        means[column] += similarities[row * slots + column] / slots;
  const largest = means.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = means.map((mean) => Math.exp(mean - largest));
  const sum = weights.reduce((a, b) => a + b, 0);
  return Float32Array.from(weights, (weight) => weight / sum);
}

export interface Neighbour {
  slot: number;
  similarity: number;
  /** The newest near-duplicate of the slot that was asked about. */
  spared: boolean;
}

/** Slots whose keys are nearer than the threshold to one slot's key, nearest first. */
export function neighbours(
  similarities: Float32Array,
  slots: number,
  slot: number,
  threshold: number,
): Neighbour[] {
  const row = similarities.subarray(slot * slots, (slot + 1) * slots);
  const spared = row.findLastIndex((value) => value > threshold);
  return [...row]
    .map((value, other) => ({ slot: other, similarity: value, spared: other === spared }))
    .filter(({ similarity: value }) => value > threshold)
    .sort((a, b) => b.similarity - a.similarity);
}

/** Slots joined by near-duplicates, largest cluster first; single slots are left out. */
export function clusters(similarities: Float32Array, slots: number, threshold: number): number[][] {
  const clusterOf = new Int32Array(slots).fill(-1);
  const found: number[][] = [];
  for (let slot = 0; slot < slots; slot++) {
    if (clusterOf[slot] >= 0) continue;
    const members = [slot];
    clusterOf[slot] = found.length;
    for (const member of members)
      for (let other = 0; other < slots; other++)
        if (clusterOf[other] < 0 && similarities[member * slots + other] > threshold) {
          clusterOf[other] = found.length;
          members.push(other);
        }
    found.push(members);
  }
  return found.filter(({ length }) => length > 1).sort((a, b) => b.length - a.length);
}
