/**
 * The few heaviest of many, without sorting them all: O(n + m log n) for the m first of n.
 * Equal weights come in the order of their ids.
 */
export class DescendingHeap {
  /** ids: what to sort, in place, by weights[id]. */
  constructor(
    private readonly ids: Uint32Array,
    private readonly weights: Float64Array,
  ) {}

  /**
   * Puts the heaviest of the first `count` ids at the front, heaviest first, until there are `most`
   * of them or they weigh `mass` together. Returns how many are in place.
   */
  sortFirst(count: number, most: number, mass: number): number {
    for (let i = (count >> 1) - 1; i >= 0; i--) this.sink(i, count);
    let taken = 0;
    let weight = 0;
    // The heap shrinks from the end; what it gives up gathers there, heaviest last.
    while (taken < most && weight < mass) {
      weight += this.weights[this.ids[0]];
      const last = count - ++taken;
      this.swap(0, last);
      this.sink(0, last);
    }
    for (let i = 0; i < Math.min(taken, count >> 1); i++) this.swap(i, count - 1 - i);
    return taken;
  }

  private sink(from: number, count: number): void {
    let parent = from;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= count) return;
      if (child + 1 < count && this.before(child + 1, child)) child++;
      if (!this.before(child, parent)) return;
      this.swap(parent, child);
      parent = child;
    }
  }

  private before(a: number, b: number): boolean {
    const difference = this.weights[this.ids[a]] - this.weights[this.ids[b]];
    return difference > 0 || (difference === 0 && this.ids[a] < this.ids[b]);
  }

  private swap(a: number, b: number): void {
    const id = this.ids[a];
    this.ids[a] = this.ids[b];
    this.ids[b] = id;
  }
}
