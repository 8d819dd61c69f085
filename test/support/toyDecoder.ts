import type { Compaction } from "../../src/engine/compaction/compaction";
import type { Decoder } from "../../src/engine/decoder/decoder";
import { openDecoder } from "../../src/engine/decoder/openDecoder";
import type { CacheLayout } from "../../src/onnx/evictableDecoder";
import { Random } from "../../src/shared/random";
import {
  defaultCacheSettings,
  type CacheSettings,
  type Device,
} from "../../src/shared/settings/settings";
import { toyModel, toyShape, type ToyShape } from "./toyModel";

export async function openToy(device: Device, shape: Partial<ToyShape> = {}): Promise<Decoder> {
  const rewrite = (layout: CacheLayout) =>
    Promise.resolve(toyModel(layout, { ...toyShape, ...shape }));
  return (await openDecoder(rewrite, device)).decoder;
}

/** Token ids of the toy's vocabulary. */
export function someIds(count: number, seed = 0): number[] {
  const random = new Random(seed, 99);
  return Array.from({ length: count }, () => random.integer(0, toyShape.vocabulary - 1));
}

export function cacheSettings(changed: Partial<CacheSettings> = {}): CacheSettings {
  return {
    ...defaultCacheSettings,
    budget: { kind: "count", slots: 24 },
    observationWindow: 4,
    ...changed,
  };
}

export function compact(
  decoder: Decoder,
  changed: Partial<CacheSettings> = {},
  promptLength = 0,
): Promise<Compaction> {
  const settings = cacheSettings(changed);
  const chains = Array.from({ length: decoder.rows }, (_, chain) => chain);
  return decoder.compact({
    settings,
    cause: "buffer",
    promptLength,
    seed: 5,
    compaction: 0,
    chains,
  });
}

/** Reads the ids one by one in every row; the logits after each. */
export async function readSteps(decoder: Decoder, ids: readonly number[]): Promise<Float32Array[]> {
  const logits: Float32Array[] = [];
  for (const id of ids) logits.push(await decoder.feed(Array<number[]>(decoder.rows).fill([id])));
  return logits;
}

export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity;
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
}
