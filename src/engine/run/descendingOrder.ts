/**
 * The heaviest of many, without sorting them all: ids go into buckets of nearly equal weight, and
 * only the buckets that are asked for are sorted. Equal weights come in the order of their ids.
 */
const upperHalfOfOne = 0x3ff0_0000;
/** Of an upper half: an octave of weights is this much of it. */
const octaveBits = 20;
/** Octaves that are told apart; what is lighter lies in the last bucket together. */
const octaves = 64;
/** Buckets of an octave, as a power of two, where there are few ids and where there are many. */
const [coarseBits, fineBits] = [2, 8];
const manyIds = 4096;
/** Up to here an insertion is the quickest way to sort. */
const fewIds = 256;

export class DescendingOrder {
  /** The upper half of a weight, whose bits rise with it, is the second of two. */
  private readonly halves: Uint32Array;
  private readonly sorted: Uint32Array;
  /** Where each bucket's next id goes; once all are in, where the bucket ends. */
  private readonly ends = new Uint32Array(octaves << fineBits);
  private bucketCount = 0;
  private shift = 0;

  /** ids: what to sort, in place, ascending at first, by weights[id], each 0 to 1. */
  constructor(
    private readonly ids: Uint32Array,
    private readonly weights: Float64Array,
  ) {
    this.halves = new Uint32Array(weights.buffer);
    this.sorted = new Uint32Array(ids.length);
  }

  /**
   * Puts the heaviest of the first `count` ids at the front, heaviest first, until there are `most`
   * of them or they weigh `mass` together. Returns how many are in place.
   */
  sortFirst(count: number, most: number, mass: number): number {
    const bits = count > manyIds ? fineBits : coarseBits;
    this.bucketCount = octaves << bits;
    this.shift = octaveBits - bits;
    this.intoBuckets(count);
    let taken = 0;
    let weight = 0;
    for (let bucket = 0; bucket < this.bucketCount && taken < most && weight < mass; bucket++) {
      const end = this.ends[bucket];
      if (end === taken) continue;
      this.sort(taken, end);
      while (taken < Math.min(end, most) && weight < mass)
        weight += this.weights[this.sorted[taken++]];
    }
    this.ids.set(this.sorted.subarray(0, taken));
    return taken;
  }

  private intoBuckets(count: number): void {
    const { ids, ends, sorted, bucketCount } = this;
    ends.fill(0, 0, bucketCount);
    for (let i = 0; i < count; i++) ends[this.bucketOf(ids[i])]++;
    let start = 0;
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      start += ends[bucket];
      ends[bucket] = start - ends[bucket];
    }
    for (let i = 0; i < count; i++) sorted[ends[this.bucketOf(ids[i])]++] = ids[i];
  }

  private bucketOf(id: number): number {
    return Math.min(this.bucketCount - 1, (upperHalfOfOne - this.halves[2 * id + 1]) >> this.shift);
  }

  private sort(start: number, end: number): void {
    if (end - start > fewIds) this.sorted.subarray(start, end).sort((a, b) => this.order(a, b));
    else for (let i = start + 1; i < end; i++) this.insert(start, i);
  }

  /** Moves the i-th id up to its place among those from `start` on. */
  private insert(start: number, i: number): void {
    const { sorted, weights } = this;
    const id = sorted[i];
    let place = i;
    for (; place > start && weights[sorted[place - 1]] < weights[id]; place--)
      sorted[place] = sorted[place - 1];
    sorted[place] = id;
  }

  private order(a: number, b: number): number {
    return this.weights[b] - this.weights[a] || a - b;
  }
}
