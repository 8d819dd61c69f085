/**
 * What the two cache layouts have in common. A row is one text of the batch; heads are the KV heads
 * of every row, rows first.
 */
import type { EvictableDecoder } from "../../onnx/evictableDecoder";
import { bytesPerElement, type Tensor, type Tensors } from "../runtime/runtime";
import type { SlotPositions } from "./slotPositions";

/** What of a model its cache is sized by. */
export type CacheShape = Pick<EvictableDecoder, "layers" | "kvHeads" | "headDim" | "cacheType">;

/** Bytes of one slot over all layers and KV heads, keys and values: what a token of one row takes. */
export function bytesPerToken({ layers, kvHeads, headDim, cacheType }: CacheShape): number {
  return 2 * layers.length * kvHeads * headDim * bytesPerElement[cacheType];
}

/** Keys and values of every layer. */
export interface KvCache {
  /** Rows decoded together. */
  readonly rows: number;
  /** Which token lies where, per layer: the cache holds these slots and no others. */
  readonly positions: readonly SlotPositions[];
  /** Most tokens of each row that one step can read. */
  readonly tokensPerStep: number;

  /**
   * The graph's cache inputs for a step that reads `tokens` tokens from `position` on, and after
   * which `following` more are known to come.
   */
  feeds(position: number, tokens: number, following: number): Promise<Tensors>;
  /** The graph's cache outputs, with the tensors they are to be written into. */
  fetches(): Record<string, Tensor | null>;
  /** Takes over what the step returned. */
  append(outputs: Tensors, position: number, tokens: number): void;

  /** [heads, capacity, headDim] on the model's device; the layer's slots come first. */
  keys(layer: number): Tensor;
  capacity(layer: number): number;

  /**
   * Lets each layer retain its slots, [heads, n], ascending; `headroom` slots are to follow. They
   * stand in order of position until `positions` are told another one.
   */
  retain(slots: readonly Int32Array[], headroom: number): Promise<void>;
  /** Goes on with these rows only, in this order; a row may be named more than once. */
  selectRows(rows: readonly number[]): Promise<void>;
  /** Forgets every slot from number `slots` on, in every layer. */
  truncate(slots: number): Promise<void>;

  /** Bytes of the keys and values in use, and of the memory reserved for them. */
  readonly bytesHeld: number;
  readonly bytesReserved: number;
  dispose(): Promise<void>;
}

/** Heads of some rows, in the order of the rows. */
export function headsOfRows(rows: readonly number[], kvHeads: number): number[] {
  return rows.flatMap((row) => Array.from({ length: kvHeads }, (_, head) => row * kvHeads + head));
}
