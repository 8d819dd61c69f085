/** A small run with one record of every kind, and what a reader makes of a file. */
import {
  defaultCacheSettings,
  defaultSamplingSettings,
} from "../../../src/shared/settings/settings";
import { bytesInMemory } from "../../../src/shared/trace/byteSource";
import { encodeHeader, encodeRecords } from "../../../src/shared/trace/encode";
import { TraceFormatError } from "../../../src/shared/trace/format";
import { type TraceItem, TraceReader } from "../../../src/shared/trace/reader";
import type {
  CompactionLayerRecord,
  KeysRecord,
  TraceHeader,
  TraceRecord,
} from "../../../src/shared/trace/records";

export const header: TraceHeader = {
  writer: "test",
  model: "tiny",
  layers: 2,
  queryHeads: 2,
  kvHeads: 2,
  headDim: 4,
  bytesPerToken: 128,
  device: "cpu",
  chains: 1,
  startedAt: 1_700_000_000,
  sampling: defaultSamplingSettings,
};

export function layerRecord(compaction: number, layer: number, slots = 4): CompactionLayerRecord {
  const cells = 2 * slots;
  const column = (scale: number): Float32Array =>
    Float32Array.from({ length: cells }, (_, i) =>
      i % slots === slots - 1 ? NaN : scale * (i + layer),
    );
  return {
    type: "compactionLayer",
    ...{ chain: 0, compaction, layer, kvHeads: 2, slots },
    positions: Uint32Array.from({ length: cells }, (_, i) => (i % slots) + compaction),
    retained: Uint8Array.from({ length: cells }, (_, i) => (i + layer) % 2),
    scores: column(0.25),
    parts: [
      { name: "importance", values: column(0.5) },
      { name: "redundancy", values: column(-0.125) },
    ],
  };
}

/** Every value is a multiple of 1/8, which half precision holds exactly. */
export function keysRecord(layer: number, firstPosition: number, count: number): KeysRecord {
  const keys = Float32Array.from({ length: 2 * count * 4 }, (_, i) => ((i + layer) % 9) / 8);
  return { type: "keys", chain: 0, layer, kvHeads: 2, headDim: 4, firstPosition, count, keys };
}

export function tokensRecord(
  firstPosition: number,
  texts: string[],
  isPrompt: boolean,
): TraceRecord {
  return {
    type: "tokens",
    chain: 0,
    firstPosition,
    ids: Uint32Array.from(texts, (_, i) => firstPosition + i + 100),
    logProbs: Float32Array.from(texts, () => (isPrompt ? NaN : -0.5)),
    millis: Float32Array.from(texts, (_, i) => 10 * (firstPosition + i)),
    texts,
    isPrompt,
  };
}

function compactionRecord(compaction: number): TraceRecord {
  return {
    type: "compaction",
    ...{ chain: 0, compaction, position: 4 + compaction, cause: "buffer", policy: "rkv" },
    ...{ lambda: 0.1, similarityThreshold: 0.5, observationWindow: 1, budget: 2, millis: 3.5 },
    ...{ bytesBefore: 512, bytesAfter: 256 },
  };
}

/** Records in the order in which a reader hands them out: scores and keys are asked for. */
export const records: TraceRecord[] = [
  { type: "settings", position: 0, cache: defaultCacheSettings },
  { type: "step", chain: 0, step: 0, firstPosition: 0, kind: "prompt", title: "Ned has" },
  tokensRecord(0, ["Ned", " has"], true),
  { type: "step", chain: 0, step: 1, firstPosition: 2, kind: "thinking", title: "Wait" },
  tokensRecord(2, ["Wait", ", 🦉"], false),
  compactionRecord(0),
  layerRecord(0, 0),
  layerRecord(0, 1),
  keysRecord(0, 0, 4),
  keysRecord(1, 0, 4),
  tokensRecord(4, [" so"], false),
  compactionRecord(1),
  layerRecord(1, 0),
  layerRecord(1, 1),
  keysRecord(0, 4, 1),
  keysRecord(1, 4, 1),
  {
    type: "figures",
    ...{ position: 5, millis: 50, kvBytes: 256, kvBytesFull: 640 },
    ...{ tokensPerSecond: 20, processBytes: 1e9 },
  },
  {
    type: "divergence",
    ...{ chain: 0, firstPosition: 2, layers: 2, kvHeads: 2 },
    kl: Float32Array.of(0, 0.5, 0.25),
    sameToken: Uint8Array.of(1, 1, 0),
    lostAttention: Float32Array.from({ length: 12 }, (_, i) => i / 16),
  },
  { type: "end", stopReason: "end", millis: 60, tokens: 3 },
];

export function traceBytes(of: TraceRecord[] = records, as: TraceHeader = header): Uint8Array {
  return concat([encodeHeader(as), ...of.map((record) => encodeRecords([record]))]);
}

export function concat(parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export interface Contents {
  items: TraceItem[];
  /** By “compaction layer”; only those that a reader gives out. */
  layers: Map<string, CompactionLayerRecord>;
  /** By “layer position”. */
  keys: Map<string, KeysRecord>;
}

/** All that a reader gives out of a file; rejects only where the whole file is refused. */
export async function contentsOf(bytes: Uint8Array, layers = 2, positions = 5): Promise<Contents> {
  const reader = await TraceReader.open(bytesInMemory(bytes));
  const contents: Contents = { items: [], layers: new Map(), keys: new Map() };
  await reader.refresh((item) => contents.items.push(item));
  const put = async <T>(map: Map<string, T>, name: string, value: Promise<T | undefined>) => {
    const found = await value.catch(ignoreDamage);
    if (found !== undefined) map.set(name, found);
  };
  for (let layer = 0; layer < layers; layer++) {
    for (let c = 0; c < 2; c++)
      await put(contents.layers, `${c} ${layer}`, reader.layer(0, c, layer));
    for (let p = 0; p < positions; p++)
      await put(contents.keys, `${layer} ${p}`, reader.keys(0, layer, p));
  }
  return contents;
}

export function ignoreDamage(error: unknown): undefined {
  if (!(error instanceof TraceFormatError)) throw error;
}
