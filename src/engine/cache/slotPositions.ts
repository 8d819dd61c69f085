import type { SlotOrder } from "../../shared/trace/records";

/**
 * Which token lies in each slot of one layer: a position for every head and slot, ascending.
 * A head is one KV head of one row; all heads of a layer hold the same number of slots.
 * Beside it the order in which the last compaction left them, for policies that score along it.
 */
export class SlotPositions {
  /** [heads, n] the first n slots in the order left; undefined where that is by position. */
  private left: Int32Array | undefined;
  private table: Uint32Array;
  private capacity = 0;
  private count = 0;

  constructor(private headCount: number) {
    this.table = new Uint32Array(0);
  }

  get heads(): number {
    return this.headCount;
  }

  /** Slots held per head. */
  get slots(): number {
    return this.count;
  }

  ofHead(head: number): Uint32Array {
    return this.table.subarray(head * this.capacity, head * this.capacity + this.count);
  }

  /** [heads, slots], a copy. */
  all(): Uint32Array {
    const copy = new Uint32Array(this.headCount * this.count);
    for (let head = 0; head < this.headCount; head++)
      copy.set(this.ofHead(head), head * this.count);
    return copy;
  }

  /** Slots of a head that hold a position below this one: its first slots. */
  countBelow(head: number, position: number): number {
    const positions = this.ofHead(head);
    const first = positions.findIndex((held) => held >= position);
    return first < 0 ? positions.length : first;
  }

  /** `count` tokens from `firstPosition` on, in every head. */
  append(firstPosition: number, count: number): void {
    this.reserve(this.count + count);
    for (let head = 0; head < this.headCount; head++) {
      const start = head * this.capacity + this.count;
      for (let i = 0; i < count; i++) this.table[start + i] = firstPosition + i;
    }
    this.count += count;
  }

  /** Holds on to the named slots only. `slots` is [heads, n], ascending within a head. */
  retain(slots: Int32Array): void {
    const retained = slots.length / this.headCount;
    for (let head = 0; head < this.headCount; head++) {
      const start = head * this.capacity;
      for (let i = 0; i < retained; i++)
        this.table[start + i] = this.table[start + slots[head * retained + i]];
    }
    this.count = retained;
    this.left = undefined;
  }

  /** Says in which order the slots held now stand, [heads, slots]; those to come follow it. */
  leave(order: Int32Array): void {
    this.left = order;
  }

  /**
   * [heads, slots] the slots in the order that a policy goes by. The newest `window` come last, as
   * they do by themselves once that many tokens were read since the compaction.
   */
  inOrder(order: SlotOrder, window: number): Int32Array {
    const { heads, slots } = this;
    const ordered = new Int32Array(heads * slots);
    const numbers = Int32Array.from({ length: slots }, (_, slot) => slot);
    const left = order === "score" ? this.left : undefined;
    for (let head = 0; head < heads; head++) {
      const perHead = (left?.length ?? 0) / heads;
      const first = left?.subarray(head * perHead, (head + 1) * perHead) ?? [];
      const all = [...first, ...numbers.subarray(perHead)];
      const candidates = all.filter((slot) => slot < slots - window);
      ordered.set(candidates, head * slots);
      ordered.set(numbers.subarray(candidates.length), head * slots + candidates.length);
    }
    return ordered;
  }

  /** Forgets every slot from number `slots` on. */
  truncate(slots: number): void {
    this.count = Math.min(this.count, slots);
    this.left = undefined;
  }

  /** Goes on with these heads only, in this order; a head may be named more than once. */
  selectHeads(heads: readonly number[]): void {
    const table = new Uint32Array(heads.length * this.capacity);
    heads.forEach((head, i) => table.set(this.ofHead(head), i * this.capacity));
    this.left = this.leftIn(heads);
    this.table = table;
    this.headCount = heads.length;
  }

  /** Positions 0, 1, 2 … that every head holds without a gap. */
  unbrokenPrefix(): number {
    let prefix = this.count;
    for (let head = 0; head < this.headCount; head++) {
      const positions = this.ofHead(head);
      const gap = positions.findIndex((position, slot) => position !== slot);
      if (gap >= 0) prefix = Math.min(prefix, gap);
    }
    return prefix;
  }

  private leftIn(heads: readonly number[]): Int32Array | undefined {
    if (!this.left) return undefined;
    const perHead = this.left.length / this.headCount;
    const left = new Int32Array(heads.length * perHead);
    heads.forEach((head, i) =>
      left.set(this.left!.subarray(head * perHead, (head + 1) * perHead), i * perHead),
    );
    return left;
  }

  private reserve(slots: number): void {
    if (slots <= this.capacity) return;
    const capacity = Math.max(slots, 2 * this.capacity, 256);
    const table = new Uint32Array(this.headCount * capacity);
    for (let head = 0; head < this.headCount; head++) table.set(this.ofHead(head), head * capacity);
    this.table = table;
    this.capacity = capacity;
  }
}
