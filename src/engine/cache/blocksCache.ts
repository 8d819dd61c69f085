/**
 * The cache on the host: per layer a retained block that is only read, and a buffer to which every
 * step appends. Both are handed to the graph as they are, never copied for a step.
 */
import { float32s, floatsOf, type Tensor, type Tensors } from "../runtime/runtime";
import { blockMasks } from "./blockMasks";
import { headsOfRows, type CacheShape, type KvCache } from "./kvCache";
import { SlotPositions } from "./slotPositions";

/**
 * The buffer becomes part of the retained block once it holds this many slots and a sixteenth of
 * the block: small enough that a step's work on it stays small, and yet a slot of a cache that
 * grows for ever is moved about 17 times, not once a step.
 */
const sealedSlots = 128;
const sealedShare = 1 / 16;

/** Keys, or values, of one layer. */
interface Blocks {
  /** [heads, retained slots, headDim] */
  retained: Float32Array;
  /** [capacity, heads, headDim], time first, so that a step appends. */
  buffer: Float32Array;
}

const kinds = ["key", "value"] as const;
type Kind = (typeof kinds)[number];

export class BlocksCache implements KvCache {
  rows = 1;
  readonly positions: readonly SlotPositions[];
  readonly tokensPerStep = Infinity;
  private readonly blocks: Record<Kind, Blocks>[];
  private readonly retainedSlots: number[];
  private buffered = 0;

  constructor(private readonly shape: CacheShape) {
    const empty = (): Blocks => ({ retained: new Float32Array(0), buffer: new Float32Array(0) });
    this.positions = shape.layers.map(() => new SlotPositions(shape.kvHeads));
    this.blocks = shape.layers.map(() => ({ key: empty(), value: empty() }));
    this.retainedSlots = shape.layers.map(() => 0);
  }

  private get heads(): number {
    return this.rows * this.shape.kvHeads;
  }

  /** Numbers of one slot over all heads. */
  private get slotSize(): number {
    return this.heads * this.shape.headDim;
  }

  feeds(position: number, tokens: number): Promise<Tensors> {
    if (this.buffered >= Math.max(sealedSlots, sealedShare * Math.max(...this.retainedSlots)))
      this.seal();
    this.makeRoom(tokens);
    this.assertLengths();
    const { kvHeads, headDim } = this.shape;
    const bufferDims = [this.buffered, this.rows, kvHeads, headDim];
    const feeds: Tensors = blockMasks(this.shape.layers, this.positions, {
      position,
      tokens,
      buffered: this.buffered,
    });
    this.blocks.forEach((layer, i) => {
      const retainedDims = [this.rows, kvHeads, this.retainedSlots[i], headDim];
      for (const kind of kinds) {
        const { retained, buffer } = layer[kind];
        const bufferedNow = buffer.subarray(0, this.buffered * this.slotSize);
        feeds[`retained.${i}.${kind}`] = float32s(retained, retainedDims);
        feeds[`buffer.${i}.${kind}`] = float32s(bufferedNow, bufferDims);
      }
    });
    return Promise.resolve(feeds);
  }

  fetches(): Record<string, null> {
    return Object.fromEntries(
      this.blocks.flatMap((_, i) => kinds.map((kind) => [`new.${i}.${kind}`, null])),
    );
  }

  append(outputs: Tensors, position: number, tokens: number): void {
    this.blocks.forEach((layer, i) => {
      for (const kind of kinds)
        layer[kind].buffer.set(
          floatsOf(outputs[`new.${i}.${kind}`]),
          this.buffered * this.slotSize,
        );
      this.positions[i].append(position, tokens);
    });
    this.buffered += tokens;
  }

  keys(layer: number): Tensor {
    const { slots } = this.positions[layer];
    const keys = this.gathered(layer, "key", this.everySlot(layer));
    return float32s(keys, [this.heads, slots, this.shape.headDim]);
  }

  capacity(layer: number): number {
    return this.positions[layer].slots;
  }

  retain(slots: readonly Int32Array[]): Promise<void> {
    this.rebuild((layer) => slots[layer]);
    this.positions.forEach((positions, layer) => positions.retain(slots[layer]));
    return Promise.resolve();
  }

  selectRows(rows: readonly number[]): Promise<void> {
    const heads = headsOfRows(rows, this.shape.kvHeads);
    this.seal();
    const size = (layer: number) => this.retainedSlots[layer] * this.shape.headDim;
    this.blocks.forEach((layer, i) => {
      for (const kind of kinds) {
        const { retained } = layer[kind];
        const selected = new Float32Array(heads.length * size(i));
        heads.forEach((head, to) =>
          selected.set(retained.subarray(head * size(i), (head + 1) * size(i)), to * size(i)),
        );
        layer[kind] = { retained: selected, buffer: new Float32Array(0) };
      }
      this.positions[i].selectHeads(heads);
    });
    this.rows = rows.length;
    return Promise.resolve();
  }

  truncate(slots: number): Promise<void> {
    if (this.retainedSlots.every((retained) => retained <= slots))
      this.buffered = Math.min(this.buffered, slots - Math.max(...this.retainedSlots));
    else this.rebuild((layer) => this.everySlot(layer, slots));
    for (const positions of this.positions) positions.truncate(slots);
    return Promise.resolve();
  }

  get bytesHeld(): number {
    const slots = this.positions.reduce((sum, positions) => sum + positions.slots, 0);
    return 2 * Float32Array.BYTES_PER_ELEMENT * slots * this.slotSize;
  }

  get bytesReserved(): number {
    let bytes = 0;
    for (const layer of this.blocks)
      for (const kind of kinds) {
        const { retained, buffer } = layer[kind];
        bytes += retained.byteLength + buffer.byteLength;
      }
    return bytes;
  }

  dispose(): Promise<void> {
    this.blocks.length = 0;
    return Promise.resolve();
  }

  /** Moves the buffer into the retained block. */
  private seal(): void {
    if (this.buffered > 0) this.rebuild((layer) => this.everySlot(layer));
  }

  /** [heads, n] every slot of a layer, or the first `slots`. */
  private everySlot(layer: number, slots = Infinity): Int32Array {
    const perHead = Math.min(slots, this.positions[layer].slots);
    return Int32Array.from({ length: this.heads * perHead }, (_, i) => i % perHead);
  }

  /** Makes each layer's retained block of these slots, [heads, n], and empties the buffer. */
  private rebuild(slotsOf: (layer: number) => Int32Array): void {
    this.blocks.forEach((layer, i) => {
      const slots = slotsOf(i);
      for (const kind of kinds) layer[kind].retained = this.gathered(i, kind, slots);
      this.retainedSlots[i] = slots.length / this.heads;
    });
    this.buffered = 0;
  }

  /** [heads, n, headDim] the keys, or values, of these slots, [heads, n]. */
  private gathered(layer: number, kind: Kind, slots: Int32Array): Float32Array {
    const { headDim } = this.shape;
    const { heads, slotSize, buffered } = this;
    const { retained, buffer } = this.blocks[layer][kind];
    const retainedSlots = this.retainedSlots[layer];
    const perHead = slots.length / heads;
    const result = new Float32Array(slots.length * headDim);
    for (let i = 0; i < slots.length;) {
      const head = Math.floor(i / perHead);
      const slot = slots[i];
      if (slot >= retainedSlots + buffered) throw new RangeError(`There is no slot ${slot}.`);
      const isBuffered = slot >= retainedSlots;
      const count = isBuffered ? 1 : runLength(slots, i, (head + 1) * perHead, retainedSlots);
      const start = isBuffered
        ? (slot - retainedSlots) * slotSize + head * headDim
        : (head * retainedSlots + slot) * headDim;
      const from = isBuffered ? buffer : retained;
      result.set(from.subarray(start, start + count * headDim), i * headDim);
      i += count;
    }
    return result;
  }

  private makeRoom(tokens: number): void {
    const needed = (this.buffered + tokens) * this.slotSize;
    for (const layer of this.blocks)
      for (const kind of kinds) {
        const { buffer } = layer[kind];
        if (buffer.length >= needed) continue;
        const grown = new Float32Array(
          Math.max(needed, 2 * buffer.length, sealedSlots * this.slotSize),
        );
        grown.set(buffer.subarray(0, this.buffered * this.slotSize));
        layer[kind].buffer = grown;
      }
  }

  /** A wrong length is no error to the graph, only wrong numbers. */
  private assertLengths(): void {
    this.positions.forEach((positions, layer) => {
      const held = this.retainedSlots[layer] + this.buffered;
      if (held !== positions.slots)
        throw new Error(`Layer ${layer} holds ${held} slots, but ${positions.slots} positions.`);
    });
  }
}

/** How many slots from the i-th on, before the `end`-th, follow each other below `limit`. */
function runLength(slots: Int32Array, i: number, end: number, limit: number): number {
  let count = 1;
  while (i + count < end && slots[i + count] === slots[i] + count && slots[i] + count < limit)
    count++;
  return count;
}
