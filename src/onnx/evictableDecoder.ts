/**
 * What every rewritten graph promises, whatever the export looked like: the contract between the
 * rewrite (this folder) and the cache (src/engine). Shapes: B batch, S tokens of this step,
 * V vocabulary, Hq query heads, Kh KV heads, D head size, R retained slots, b buffered slots,
 * C capacity of an in-place cache.
 *
 * Both layouts:
 *   in   input_ids     int64   [B, S]
 *   in   position_ids  int64   [B, S]   place in the text, never place in the cache
 *   out  logits        float32 [B, 1, V]  of the last token
 *
 * “blocks” (CPU and every provider that keeps no tensors on its device): attention over a retained
 * and a buffer block, joined in one softmax; only the new rows come back.
 *   in   retained.{i}.key, .value  [B, Kh, R, D]
 *   in   buffer.{i}.key, .value    [b, B, Kh, D]  time first, so that a step appends
 *   in   chunk_mask    float32 [S, b + S]      0 where visible, −Infinity where not
 *   in   local_mask.{window}  float32 [S, R + b + S]  only if a layer has that local window;
 *        then those layers take it instead of chunk_mask
 *   out  new.{i}.key, .value       [S, B, Kh, D]
 *   out  query.{i}     float32 [B, Hq, S, D]  rotary applied
 *
 * “in-place” (WebGPU): GroupQueryAttention with past and present the same buffer.
 *   in   cache.{i}.key, .value     [B, Kh, C, D]
 *   in   seqlens_k     int32 [B]    slots after this step, minus one
 *   in   total_sequence_length int32 [1]
 *        (layers with a local window read seqlens_k.{window}, total_sequence_length.{window})
 *   out  cache_out.{i}.key, .value [B, Kh, C, D]
 *   out  queries       float32 [layers, B, S, Hq·D]  rotary applied
 *   Where rotary is left to the attention (slotRotary), position_ids is not read, and
 *   in   slot_cos, slot_sin  [n, D/2], n ≥ slots after this step: the angles of the position that
 *        each slot stands for. All slots that a step writes stand for their positions less one number.
 *   out  queries       float32 [layers, B, S, rowWidth]  the rows before rotary, queries first
 */
export type CacheLayout = "blocks" | "in-place";

/** Types that keys and values are cached in. */
export type FloatType = "float32" | "float16";

/** How one layer turns q·k into shares of attention. */
export interface LayerAttention {
  /** Factor on q·k, normally 1/√headDim. */
  scale: number;
  /** Scores pass through softcap·tanh(score/softcap); 0 is off. */
  softcap: number;
  /** Tokens a query sees back, by position; 0 means all. Such layers evict by age alone. */
  localWindow: number;
}

/** What the engine must know of a rewritten graph to feed it. */
export interface EvictableDecoder {
  layout: CacheLayout;
  /** The recognised pattern, in words a person can look up in the README. */
  pattern: string;
  /** Type of cached keys and values. On CPU float32 always: float16 kernels would cast per step. */
  cacheType: FloatType;
  /** Type of the weights as the user would name it: fp32, fp16, int4, …, and whether activations are rounded. */
  dtype: string;
  layers: LayerAttention[];
  queryHeads: number;
  kvHeads: number;
  headDim: number;
  vocabulary: number;
  /** False where shifting all positions by a constant may change the logits, as with LongRoPE. */
  plainRotary: boolean;
  /**
   * Where the attention turns rows itself, by slot: numbers in a row of “queries”. With an epsilon it
   * norms the heads of query and key before, which “queries” lack too.
   */
  slotRotary?: { rowWidth: number; normEpsilon?: number };
  /** Rows of the rotary table, where the graph holds one: positions beyond are refused. */
  rotaryRows?: number;
}
