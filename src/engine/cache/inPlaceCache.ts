/**
 * The cache on the GPU: per layer one buffer of fixed capacity for keys and one for values, which
 * a step reads and writes in place. Nothing of it is ever downloaded: what moves slots (a
 * compaction, growth, a fork) gathers them on the GPU into new buffers, of all layers in one run.
 */
import {
  allocateOnGpu,
  bytesPerElement,
  int32s,
  reshaped,
  type Tensor,
  type Tensors,
} from "../runtime/runtime";
import { gatherOnGpu } from "./gatherOnGpu";
import { headsOfRows, type CacheShape, type KvCache } from "./kvCache";
import type { SlotAngles } from "./rotaryAngles";
import { SlotPositions } from "./slotPositions";

/** Capacities are multiples of this, so that buffers of one size serve again. */
const capacityStep = 64;

const kinds = ["key", "value"] as const;

/** Most bytes that are gathered in one run: old and new buffers are held together for its time. */
const bytesPerMove = 256 << 20;

/** [heads · capacity, headDim] each. */
interface LayerBuffers {
  key: Tensor;
  value: Tensor;
  capacity: number;
}

/** What the slots of a layer's next buffers are to hold. */
interface Move {
  layer: number;
  heads: number;
  capacity: number;
  /** [heads, n] where they lie in the present buffer, seen as [heads · capacity, headDim]. */
  from: Int32Array;
}

export class InPlaceCache implements KvCache {
  rows = 1;
  readonly positions: readonly SlotPositions[];
  private readonly buffers: (LayerBuffers | undefined)[];

  /** angles: for a graph whose attention turns rows by slot. */
  constructor(
    private readonly shape: CacheShape,
    private readonly angles?: SlotAngles,
  ) {
    this.positions = shape.layers.map(() => new SlotPositions(shape.kvHeads));
    this.buffers = shape.layers.map(() => undefined);
  }

  /** GroupQueryAttention reads several tokens onto a past in one row only. */
  get tokensPerStep(): number {
    return this.rows === 1 ? Infinity : 1;
  }

  async feeds(position: number, tokens: number, following: number): Promise<Tensors> {
    await this.makeRoom(tokens, following);
    this.assertLengths(tokens);
    const evicted = position - this.positions[0].slots;
    const feeds: Tensors = { ...(await this.angles?.from(evicted, this.capacity(0))) };
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
    const { key, capacity } = this.buffersOf(layer);
    return reshaped(key, [-1, capacity, this.shape.headDim]);
  }

  capacity(layer: number): number {
    return this.buffersOf(layer).capacity;
  }

  async retain(slots: readonly Int32Array[], headroom: number): Promise<void> {
    const moves = this.positions.map(({ heads }, layer) => {
      const perHead = slots[layer].length / heads;
      const { capacity } = this.buffersOf(layer);
      const from = slots[layer].map((slot, i) => Math.floor(i / perHead) * capacity + slot);
      return { layer, heads, capacity: roundUp(perHead + headroom), from };
    });
    await this.move(moves);
    this.positions.forEach((positions, layer) => positions.retain(slots[layer]));
  }

  async selectRows(rows: readonly number[]): Promise<void> {
    const heads = headsOfRows(rows, this.shape.kvHeads);
    await this.move(
      this.positions.map((_, layer) =>
        this.withHeads(layer, heads, this.buffersOf(layer).capacity),
      ),
    );
    for (const positions of this.positions) positions.selectHeads(heads);
    this.rows = rows.length;
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
    return reshaped(buffer, [this.rows, kvHeads, capacity, headDim]);
  }

  /** Capacity at least doubles, so a cache that grows for ever moves each slot a few times only. */
  private async makeRoom(tokens: number, following: number): Promise<void> {
    const moves: Move[] = [];
    for (const [layer, positions] of this.positions.entries()) {
      const buffers = this.buffers[layer];
      if (buffers && positions.slots + tokens <= buffers.capacity) continue;
      const capacity = roundUp(
        Math.max(positions.slots + tokens + following, 2 * (buffers?.capacity ?? 0)),
      );
      if (buffers) moves.push(this.withHeads(layer, [...Array(positions.heads).keys()], capacity));
      else this.buffers[layer] = await this.emptyBuffers(positions.heads, capacity);
    }
    await this.move(moves);
  }

  private withHeads(layer: number, heads: readonly number[], capacity: number): Move {
    const { slots } = this.positions[layer];
    const before = this.buffersOf(layer).capacity;
    const from = Int32Array.from(
      { length: heads.length * slots },
      (_, i) => heads[Math.floor(i / slots)] * before + (i % slots),
    );
    return { layer, heads: heads.length, capacity, from };
  }

  private async move(moves: readonly Move[]): Promise<void> {
    const { headDim, cacheType } = this.shape;
    for (const capacity of new Set(moves.map((move) => move.capacity))) {
      const alike = moves.filter((move) => move.capacity === capacity);
      const numbers = kinds.length * alike[0].heads * capacity * headDim;
      const atOnce = Math.max(1, Math.floor(bytesPerMove / (numbers * bytesPerElement[cacheType])));
      for (let next = 0; next < alike.length; next += atOnce)
        await this.moveTogether(alike.slice(next, next + atOnce));
    }
  }

  private async moveTogether(moves: readonly Move[]): Promise<void> {
    const gathered = await gatherOnGpu(
      moves.map((move) => ({
        tensors: kinds.map((kind) => this.buffersOf(move.layer)[kind]),
        rows: rowsOf(move),
      })),
    );
    moves.forEach(({ layer, capacity }, i) => {
      for (const kind of kinds) this.buffersOf(layer)[kind].dispose();
      const [key, value] = gathered[i];
      this.buffers[layer] = { key, value, capacity };
    });
  }

  private async emptyBuffers(heads: number, capacity: number): Promise<LayerBuffers> {
    const { headDim, cacheType } = this.shape;
    const empty = () => allocateOnGpu(cacheType, [heads * capacity, headDim]);
    return { key: await empty(), value: await empty(), capacity };
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

/** [heads · capacity] rows of the present buffer, the first one where nothing is to be held yet. */
function rowsOf({ heads, capacity, from }: Move): Int32Array {
  const perHead = from.length / heads;
  const rows = new Int32Array(heads * capacity);
  for (let head = 0; head < heads; head++)
    rows.set(from.subarray(head * perHead, (head + 1) * perHead), head * capacity);
  return rows;
}
