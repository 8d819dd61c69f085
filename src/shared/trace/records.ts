/**
 * What a trace says, record by record. How it lies on disk: docs/trace-format.md.
 * Columns are typed arrays, row-major, in the order their shape is written here.
 */
import type { CacheSettings, SamplingSettings } from "../settings/settings";

/**
 * The order in which a policy's authors hold the slots of a head, along which it pools and looks
 * for the last similar key. `position`: as in the text. `score`: what the compaction before
 * retained, by falling score, then its window, then the tokens read since.
 */
export const slotOrders = ["position", "score"] as const;
export type SlotOrder = (typeof slotOrders)[number];

/** Stands at the head of the file; nothing in it names a path, an account or a machine. */
export interface TraceHeader {
  /** “R-KV Lens 0.1.0”, or whatever wrote the file. */
  writer: string;
  model: string;
  layers: number;
  queryHeads: number;
  kvHeads: number;
  headDim: number;
  /** Bytes of one slot over all layers and KV heads, keys and values. */
  bytesPerToken: number;
  device: string;
  chains: number;
  /** Seconds since 1970. */
  startedAt: number;
  sampling: SamplingSettings;
  /** Of each policy by its name. One that is not named goes by position, as all of older writers. */
  slotOrders?: Record<string, SlotOrder>;
}

/** As in force, but the policy may be one that only the writer knows. */
export type TraceCacheSettings = Omit<CacheSettings, "policy"> & { policy: string };

/** In force from `position` (tokens in the text so far) on. */
export interface SettingsRecord {
  type: "settings";
  position: number;
  cache: TraceCacheSettings;
}

/** Tokens in text order; one record carries those of a few milliseconds. */
export interface TokensRecord {
  type: "tokens";
  chain: number;
  firstPosition: number;
  ids: Uint32Array;
  /** Natural log of the chosen token's probability under the untempered model; NaN in the prompt. */
  logProbs: Float32Array;
  /** Milliseconds since the run began at which the token was known. */
  millis: Float32Array;
  texts: string[];
  isPrompt: boolean;
}

/** A reasoning step begins at `firstPosition` and ends where the next one begins. */
export interface StepRecord {
  type: "step";
  chain: number;
  step: number;
  firstPosition: number;
  kind: "prompt" | "thinking" | "answer";
  /** First words of the step, or its heading. */
  title: string;
}

/** Why slots were evicted: the buffer was full, the prompt longer than the budget, or one of them changed. */
export const compactionCauses = ["buffer", "prompt", "budget", "settings"] as const;
export type CompactionCause = (typeof compactionCauses)[number];

/** One pass over all layers; its layers follow as `CompactionLayerRecord`s. */
export interface CompactionRecord {
  type: "compaction";
  chain: number;
  compaction: number;
  /** Tokens in the text when it happened. */
  position: number;
  cause: CompactionCause;
  policy: string;
  lambda: number;
  similarityThreshold: number;
  observationWindow: number;
  /** Slots each head was asked to hold afterwards. */
  budget: number;
  millis: number;
  bytesBefore: number;
  bytesAfter: number;
}

/** Everything one layer decided: all candidates, not only the survivors. */
export interface CompactionLayerRecord {
  type: "compactionLayer";
  chain: number;
  compaction: number;
  layer: number;
  kvHeads: number;
  /** Slots per head before the compaction. */
  slots: number;
  /** [kvHeads, slots] position of each slot, ascending within a head. */
  positions: Uint32Array;
  /** [kvHeads, slots] 1 where the slot was retained. */
  retained: Uint8Array;
  /** [kvHeads, slots] NaN where the slot did not compete (window, pinned prompt). */
  scores: Float32Array;
  /** Named parts of the score, such as importance and redundancy; same shape, same NaNs. */
  parts: { name: string; values: Float32Array }[];
}

/**
 * Unit keys of the tokens that came since the compaction before, rotary applied; a key never
 * changes, so it is written once. The cosine of two slots is the dot product of their rows.
 */
export interface KeysRecord {
  type: "keys";
  chain: number;
  layer: number;
  kvHeads: number;
  headDim: number;
  firstPosition: number;
  count: number;
  /** [kvHeads, count, headDim], stored as float16. */
  keys: Float32Array;
}

/** How the run stood after a token. */
export interface FiguresRecord {
  type: "figures";
  position: number;
  millis: number;
  kvBytes: number;
  kvBytesFull: number;
  tokensPerSecond: number;
  processBytes: number;
}

/** What a full cache would have said; written by a replay. */
export interface DivergenceRecord {
  type: "divergence";
  chain: number;
  firstPosition: number;
  /** KL(full ‖ evicted) of the next-token distributions, in nats. */
  kl: Float32Array;
  /** 1 where both would have chosen the same token. */
  sameToken: Uint8Array;
  /** [count, layers, kvHeads] share of the full run's attention that fell on evicted tokens. */
  lostAttention: Float32Array;
  layers: number;
  kvHeads: number;
}

/** The last record of a whole run: without it, the writer still writes or was stopped. */
export interface EndRecord {
  type: "end";
  stopReason: string;
  millis: number;
  tokens: number;
}

/** Everything that a trace can say. */
export type TraceRecord =
  | SettingsRecord
  | TokensRecord
  | StepRecord
  | CompactionRecord
  | CompactionLayerRecord
  | KeysRecord
  | FiguresRecord
  | DivergenceRecord
  | EndRecord;
