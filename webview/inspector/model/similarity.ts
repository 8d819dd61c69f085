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
