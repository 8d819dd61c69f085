/**
 * A model on a device with its cache: what the decode loop drives. A row is one text of the batch;
 * rows advance in lockstep, so one position serves them all.
 */
import type { EvictableDecoder } from "../../onnx/evictableDecoder";
import type { Device } from "../../shared/settings/settings";
import type { UnitKeys } from "../cache/unitKeyReader";
import type { Compaction } from "../compaction/compaction";
import type { CompactionRequest } from "../compaction/decision";

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
   * Unit keys of the tokens that came since the last call, for the trace. Call it before `compact`:
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
