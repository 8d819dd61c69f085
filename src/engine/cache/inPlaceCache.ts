/**
 * The cache on the GPU: per layer one buffer of fixed capacity for keys and one for values, which
 * a step reads and writes in place. Nothing of it is ever downloaded: what moves slots (a
 * compaction, growth, a fork) is one gather on the GPU into a spare buffer.
 */
import {
  allocateOnGpu,
  bytesPerElement,
  gatherOnGpu,
  int32s,
  reshapeOnGpu,
  type Tensor,
  type Tensors,
} from "../runtime/runtime";
import { headsOfRows, type CacheShape, type KvCache } from "./kvCache";
import { SlotPositions } from "./slotPositions";

/** Capacities are multiples of this, so that buffers of one size serve again. */
const capacityStep = 64;

const kinds = ["key", "value"] as const;

/** [heads, capacity, headDim] each. */
interface LayerBuffers {
  key: Tensor;
  value: Tensor;
  capacity: number;
}

/** What the slots of a layer's next buffers are to hold. */
interface Move {
  heads: number;
  capacity: number;
  /** [heads, n] where they lie in the present buffer, seen as [heads · capacity, headDim]. */
  from: Int32Array;
}

export class InPlaceCache implements KvCache {
  rows = 1;
  readonly positions: readonly SlotPositions[];
  private readonly buffers: (LayerBuffers | undefined)[];
  /** Buffers out of use, to gather into. */
  private readonly spares: Tensor[] = [];

  constructor(private readonly shape: CacheShape) {
    this.positions = shape.layers.map(() => new SlotPositions(shape.kvHeads));
    this.buffers = shape.layers.map(() => undefined);
  }

  /** GroupQueryAttention reads several tokens onto a past in one row only. */
  get tokensPerStep(): number {
    return this.rows === 1 ? Infinity : 1;
  }

  async feeds(_position: number, tokens: number, following: number): Promise<Tensors> {
    await this.makeRoom(tokens, following);
    this.assertLengths(tokens);
    const feeds: Tensors = {};
    this.shape.layers.forEach(({ localWindow }, layer) => {
      const suffix = localWindow > 0 ? `.${localWindow}` : "";
      const total = this.positions[layer].slots + tokens;
      feeds[`seqlens_k${suffix}`] ??= int32s(Array<number>(this.rows).fill(total - 1), [this.rows]);
      feeds[`total_sequence_length${suffix}`] ??= int32s([total], [1]);
      for (const kind of kinds) feeds[`cache.${layer}.${kind}`] = this.asCache(layer, kind);
    });
    return feeds;
  }

  /** The very buffers of `feeds`, which is what makes the step write in place. */
  fetches(): Record<string, Tensor> {
    return Object.fromEntries(
      this.positions.flatMap((_, layer) =>
        kinds.map((kind) => [`cache_out.${layer}.${kind}`, this.asCache(layer, kind)]),
      ),
    );
  }

  append(_outputs: Tensors, position: number, tokens: number): void {
    for (const positions of this.positions) positions.append(position, tokens);
  }

  keys(layer: number): Tensor {
    return this.buffersOf(layer).key;
  }

  capacity(layer: number): number {
    return this.buffersOf(layer).capacity;
  }

  async retain(slots: readonly Int32Array[], headroom: number): Promise<void> {
    for (const [layer, positions] of this.positions.entries()) {
      const perHead = slots[layer].length / positions.heads;
      const { capacity } = this.buffersOf(layer);
      const from = slots[layer].map((slot, i) => Math.floor(i / perHead) * capacity + slot);
      const needed = roundUp(perHead + headroom);
      await this.move(layer, { heads: positions.heads, capacity: needed, from });
      positions.retain(slots[layer]);
    }
    this.dropSpares();
  }

  async selectRows(rows: readonly number[]): Promise<void> {
    const heads = headsOfRows(rows, this.shape.kvHeads);
    for (const [layer, positions] of this.positions.entries()) {
      await this.moveHeads(layer, heads, this.buffersOf(layer).capacity);
      positions.selectHeads(heads);
    }
    this.rows = rows.length;
    this.dropSpares();
  }

  truncate(slots: number): Promise<void> {
    for (const positions of this.positions) positions.truncate(slots);
    return Promise.resolve();
  }

  get bytesHeld(): number {
    return this.bytesOf((_, positions) => positions.slots);
  }

  get bytesReserved(): number {
    return this.bytesOf((buffers) => buffers?.capacity ?? 0);
  }

  dispose(): Promise<void> {
    for (const buffers of this.buffers)
      if (buffers) for (const kind of kinds) buffers[kind].dispose();
    this.buffers.fill(undefined);
    this.dropSpares();
    return Promise.resolve();
  }

  private bytesOf(slots: (buffers: LayerBuffers | undefined, positions: SlotPositions) => number) {
    const { kvHeads, headDim, cacheType } = this.shape;
    const perSlot = 2 * this.rows * kvHeads * headDim * bytesPerElement[cacheType];
    return this.positions.reduce(
      (bytes, positions, layer) => bytes + perSlot * slots(this.buffers[layer], positions),
      0,
    );
  }

  private buffersOf(layer: number): LayerBuffers {
    const buffers = this.buffers[layer];
    if (!buffers) throw new Error(`Layer ${layer} has no cache yet: no token was read.`);
    return buffers;
  }

  private asCache(layer: number, kind: "key" | "value"): Tensor {
    const { kvHeads, headDim } = this.shape;
    const { [kind]: buffer, capacity } = this.buffersOf(layer);
    return reshapeOnGpu(buffer, [this.rows, kvHeads, capacity, headDim]);
  }

  /** Capacity at least doubles, so a cache that grows for ever moves each slot a few times only. */
  private async makeRoom(tokens: number, following: number): Promise<void> {
    for (const [layer, positions] of this.positions.entries()) {
      const buffers = this.buffers[layer];
      if (buffers && positions.slots + tokens <= buffers.capacity) continue;
      const capacity = roundUp(
        Math.max(positions.slots + tokens + following, 2 * (buffers?.capacity ?? 0)),
      );
      if (buffers) await this.moveHeads(layer, [...Array(positions.heads).keys()], capacity);
      else this.buffers[layer] = await this.freshBuffers(positions.heads, capacity);
    }
    this.dropSpares();
  }

  private moveHeads(layer: number, heads: readonly number[], capacity: number): Promise<void> {
    const { slots } = this.positions[layer];
    const before = this.buffersOf(layer).capacity;
    const from = Int32Array.from(
      { length: heads.length * slots },
      (_, i) => heads[Math.floor(i / slots)] * before + (i % slots),
    );
    return this.move(layer, { heads: heads.length, capacity, from });
  }

  private async move(layer: number, { heads, capacity, from }: Move): Promise<void> {
    const { headDim } = this.shape;
    const perHead = from.length / heads;
    const indices = new Int32Array(heads * capacity);
    for (let head = 0; head < heads; head++)
      indices.set(from.subarray(head * perHead, (head + 1) * perHead), head * capacity);
    const before = this.buffersOf(layer);
    const to = await this.freshBuffers(heads, capacity);
    for (const kind of kinds) {
      const source = reshapeOnGpu(before[kind], [before[kind].dims[0] * before.capacity, headDim]);
      const target = reshapeOnGpu(to[kind], [heads * capacity, headDim]);
      await gatherOnGpu(source, int32s(indices, [indices.length]), target);
      this.spares.push(before[kind]);
    }
    this.buffers[layer] = to;
  }

  private async freshBuffers(heads: number, capacity: number): Promise<LayerBuffers> {
    const key = await this.freshBuffer(heads, capacity);
    return { key, value: await this.freshBuffer(heads, capacity), capacity };
  }

  /** A spare one of this size, or a new one. */
  private freshBuffer(heads: number, capacity: number): Promise<Tensor> {
    const { headDim, cacheType } = this.shape;
    const spare = this.spares.findIndex(({ dims }) => dims[0] === heads && dims[1] === capacity);
    if (spare >= 0) return Promise.resolve(this.spares.splice(spare, 1)[0]);
    return allocateOnGpu(cacheType, [heads, capacity, headDim]);
  }

  private dropSpares(): void {
    for (const spare of this.spares.splice(0)) spare.dispose();
  }

  /** A wrong length is no error on every device, only wrong numbers. */
  private assertLengths(tokens: number): void {
    const slotsOfWindow = new Map<number, number>();
    this.positions.forEach(({ slots }, layer) => {
      const { localWindow } = this.shape.layers[layer];
      const others = slotsOfWindow.get(localWindow) ?? slots;
      slotsOfWindow.set(localWindow, slots);
      if (slots !== others || slots + tokens > this.buffersOf(layer).capacity)
        throw new Error(`Layer ${layer} cannot hold ${slots} slots and ${tokens} more.`);
    });
  }
}

function roundUp(slots: number): number {
  return Math.ceil(slots / capacityStep) * capacityStep;
}
