/**
 * A model on a device with its cache: what the decode loop (generate.ts) drives.
 * Rows are the chains of one prompt; they advance in lockstep, so one position serves them all.
 */
import type { EvictableDecoder } from "../../onnx/evictableDecoder";
import type { CacheSettings, Device } from "../../shared/settings/settings";
import type { CompactionCause } from "../../shared/trace/records";

export interface Decoder {
  readonly model: EvictableDecoder;
  readonly device: Device;
  /** Rows decoded together; 1 until `fork`. */
  readonly rows: number;
  /** Tokens each row has read: the position of its next token. */
  readonly position: number;

  /**
   * Reads the same number of tokens in every row and returns the logits of the last one, [rows, V].
   * `following` says how many more tokens of this prompt are to come after these: queries that
   * cannot be among the newest `largestWindow` are then not fetched.
   * Throws a RangeError where positions would pass the model's rotary table.
   * The result is overwritten by no later call.
   */
  feed(ids: readonly (readonly number[])[], following?: number): Promise<Float32Array>;

  /** Keeps the newest `window` queries of each layer from now on; `largestWindow` until told. */
  keepQueries(window: number): void;

  /** Slots per KV head of the fullest layer. */
  readonly slots: number;
  /** Slots evicted so far, per KV head of the layer that evicted most. */
  readonly evicted: number;
  /** Positions of the slots of one layer, [rows · kvHeads, slots], ascending within a head. */
  positions(layer: number): Uint32Array;
  /** Bytes of the keys and values in use. */
  readonly bytesHeld: number;
  /** Bytes reserved for them on the device, headroom included. */
  readonly bytesReserved: number;
  /** Bytes a full cache would hold now. */
  readonly bytesFull: number;

  /**
   * Lets every layer retain `slotsRetained(settings, …)` slots (see due.ts), chosen by the policy
   * from the newest `window` queries; layers with a local window retain their newest slots.
   * Throws a NonFiniteScoreError, with the cache untouched, if a score is NaN or infinite.
   */
  compact(request: CompactionRequest): Promise<Compaction>;

  /**
   * Unit keys of the rows that came since the last call, for the trace. Call it before `compact`:
   * what a compaction evicted is gone.
   */
  takeNewKeys(): Promise<UnitKeys[]>;

  /** Turns the one row into `rows` equal rows. */
  fork(rows: number): Promise<void>;
  /** Goes on with these rows only, in this order; a row may be named more than once. */
  select(rows: readonly number[]): Promise<void>;

  /**
   * Tokens from the start of the text whose keys and values every head of every layer still holds,
   * all read before anything was evicted: a next turn may go on from any position up to here.
   */
  reusablePrefix(): number;
  /** Forgets everything from `position` on. `position` is at most `reusablePrefix()`. */
  truncate(position: number): Promise<void>;

  dispose(): Promise<void>;
}

/** Most queries per layer that are kept for voting: the largest window the settings allow. */
export const largestWindow = 256;

export interface CompactionRequest {
  settings: CacheSettings;
  cause: CompactionCause;
  /** Positions below this are the prompt: retained where settings.pinPrompt says so. */
  promptLength: number;
  /** With `compaction`, `chains` and the layer, what the policy `random` draws by: the run's seed. */
  seed: number;
  /** Compactions of the run so far. */
  compaction: number;
  /** The chain in each row. */
  chains: readonly number[];
  /** After each layer: over a very long prompt, one takes seconds. */
  onLayer?: () => void;
}

/** What one pass over all layers did. Columns have the rows' heads one after another. */
export interface Compaction {
  cause: CompactionCause;
  settings: CacheSettings;
  /** Tokens read when it happened. */
  position: number;
  /** Slots each head was asked to retain. */
  budget: number;
  millis: number;
  bytesBefore: number;
  bytesAfter: number;
  layers: LayerCompaction[];
}

/** Everything one layer decided, candidates that lost included. */
export interface LayerCompaction {
  layer: number;
  /** rows · kvHeads */
  heads: number;
  /** Slots per head before, and after. */
  slots: number;
  slotsAfter: number;
  /** [heads, slots] ascending within a head. */
  positions: Uint32Array;
  /** [heads, slots] 1 where retained. */
  retained: Uint8Array;
  /** [heads, slots] NaN where the slot did not compete (window, pinned prompt, layers by age). */
  scores: Float32Array;
  /** [heads, slots] each, same NaNs. */
  parts: { name: string; values: Float32Array }[];
}

/** Keys after rotary, each divided by its length: the dot product of two is their cosine. */
export interface UnitKeys {
  layer: number;
  firstPosition: number;
  count: number;
  /** [rows · kvHeads, count, headDim] */
  keys: Float32Array;
}

export class NonFiniteScoreError extends Error {
  constructor(
    readonly policy: string,
    readonly layer: number,
  ) {
    super(
      `The policy ${policy} computed a score that is not a number in layer ${layer}: the model's keys or queries overflowed. Try the full-precision export of this model.`,
    );
    this.name = "NonFiniteScoreError";
  }
}
