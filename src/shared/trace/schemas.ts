/** What the JSON of a trace must look like. Numbers are bounded: readers size arrays by them. */
import * as z from "zod";
import { cacheShapeInFiles, fromFile } from "../settings/cacheInFiles";
import { samplingSettingsSchema } from "../settings/settings";
import { largestPayload, largestPosition, TraceFormatError } from "./format";
import { compactionCauses, slotOrders, type TraceHeader } from "./records";

const count = (largest: number) => z.number().int().min(0).max(largest);
const size = (largest: number) => z.number().int().min(1).max(largest);
const bytes = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const millis = z.number().min(0);
const word = z.string().max(1000);
const position = count(largestPosition);

const chain = count(4095);
const layer = count(1023);
const compaction = count(largestPosition);

/** The JSON before the first record. */
export const headerSchema = z.object({
  writer: word,
  model: word,
  layers: size(1024),
  queryHeads: size(1024),
  kvHeads: size(1024),
  headDim: size(4096),
  bytesPerToken: bytes,
  device: word,
  chains: size(4096),
  startedAt: z.number(),
  sampling: samplingSettingsSchema,
  slotOrders: z.record(word, z.enum(slotOrders)).optional(),
}) satisfies z.ZodType<TraceHeader>;

const layerCells = { chain, compaction, layer, kvHeads: size(1024), slots: count(largestPosition) };
/** [kvHeads, slots] cells in row-major order, from firstCell on; the rest lies in other records. */
const cellRange = { firstCell: count(2 ** 31), cells: count(largestPayload) };
const rows = count(largestPayload);

/** The JSON of each type of record, in front of its columns. */
export const heads = {
  settings: z.object({
    position,
    cache: z.object({ ...cacheShapeInFiles, policy: word }).transform(fromFile),
  }),
  tokens: z.object({
    chain,
    firstPosition: position,
    texts: z.array(z.string().max(65_536)),
    isPrompt: z.boolean(),
  }),
  step: z.object({
    chain,
    step: count(largestPosition),
    firstPosition: position,
    kind: z.enum(["prompt", "thinking", "answer"]),
    title: z.string().max(65_536),
  }),
  compaction: z
    .object({
      chain,
      compaction,
      position,
      cause: z.enum(compactionCauses),
      policy: word,
      lambda: z.number(),
      similarityThreshold: z.number(),
      window: position,
      budget: z.number().min(0),
      millis,
      bytesBefore: bytes,
      bytesAfter: bytes,
    })
    .transform(fromFile),
  compactionLayer: z.object({ ...layerCells, ...cellRange }),
  scores: z.object({ ...layerCells, ...cellRange, parts: z.array(word).max(16) }),
  keys: z.object({
    chain,
    layer,
    kvHeads: size(1024),
    headDim: size(4096),
    firstPosition: position,
    count: rows,
  }),
  figures: z.object({
    position,
    millis,
    kvBytes: bytes,
    kvBytesFull: bytes,
    tokensPerSecond: z.number().min(0),
    processBytes: bytes,
  }),
  divergence: z.object({
    chain,
    firstPosition: position,
    count: rows,
    layers: size(1024),
    kvHeads: size(1024),
  }),
  end: z.object({ stopReason: word, millis, tokens: bytes }),
  directory: z.object({
    /** Bytes of all frames that it lists, which follow without a gap. */
    bytes: count(2 ** 31),
    frames: z
      .array(z.object({ type: count(255), payloadBytes: count(largestPayload), head: z.unknown() }))
      .max(65_536),
  }),
};

export type LayerHead = z.infer<typeof heads.compactionLayer>;
export type ScoresHead = z.infer<typeof heads.scores>;
export type KeysHead = z.infer<typeof heads.keys>;
export type DirectoryHead = z.infer<typeof heads.directory>;

/** Throws a TraceFormatError that names the first field that is wrong. */
export function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw new TraceFormatError(`its field “${path.map(String).join(".")}” is wrong: ${message}`);
}
