/**
 * Runs the policies' graphs on the model's device. Graphs are dynamic in the number of slots and
 * queries, and settings are inputs, so a policy's session is made once and serves to the end.
 */
import type { FloatType, LayerAttention } from "../../onnx/evictableDecoder";
import { policies } from "../../policies";
import {
  defaultPoolWidth,
  ScoreGraph,
  type ScoreGraphOptions,
} from "../../policies/graph/scoreGraph";
import type { CacheSettings, Device, PolicyName } from "../../shared/settings/settings";
import {
  float32s,
  floatsOf,
  int32s,
  int64s,
  reshaped,
  Session,
  type Tensor,
  type Tensors,
} from "../runtime/runtime";

/** One layer's cache, as the policies see it. */
export interface LayerContents {
  attention: Pick<LayerAttention, "scale" | "softcap">;
  /** [heads, capacity, headDim] on the scorer's device; slots beyond `slots` are ignored. */
  keys: () => Tensor;
  capacity: number;
  slots: number;
  /** [heads, slots] the slot at each place of the policy's order; the window comes last. */
  order: Int32Array;
  /** [heads, slots − window], uniform in [0, 1) */
  noise: () => Float32Array;
}

/** Queries of some layers: a tensor with dims [layers · heads, query heads per KV head, queries, headDim]. */
export interface LayerQueries {
  dims: readonly [number, number, number, number];
  tensor: () => Tensor;
}

/** Each [heads, slots − window], by slot. */
export interface LayerScores {
  scores: Float32Array;
  parts: { name: string; values: Float32Array }[];
}

/**
 * Most slots whose cosines a GPU computes all at once: beyond, their number grows faster than what
 * is saved. The CPU never does: it goes by blocks that fit its caches.
 */
const mostSlotsAtOnce = 2048;
/** A buffer that every WebGPU device can bind holds twice this. */
const mostBytes = 64 << 20;

interface ScoringSession {
  session: Promise<Session>;
  /** Names of the score's parts. */
  parts: readonly string[];
}

export class Scorer {
  private readonly sessions = new Map<string, ScoringSession>();

  constructor(
    private readonly device: Device,
    private readonly cacheType: FloatType,
    private readonly poolWidth = defaultPoolWidth,
  ) {}

  /** Layers of this size that are best scored in one run: one by one on the CPU, which has no wait between runs. */
  layersAtOnce({ slots, capacity }: { slots: number; capacity: number }, width: number): number {
    if (this.device !== "webgpu" || slots > mostSlotsAtOnce) return 1;
    return Math.max(1, Math.floor(mostBytes / (Float32Array.BYTES_PER_ELEMENT * capacity * width)));
  }

  /**
   * Layers of one size and attention, in one run. The policy must be one that scores. Scores may be
   * non-finite: the caller looks.
   */
  async score(
    layers: readonly LayerContents[],
    queries: LayerQueries,
    settings: CacheSettings,
  ): Promise<LayerScores[]> {
    const [{ attention, slots }] = layers;
    const [heads] = queries.dims;
    const { session, parts } = this.session(settings.policy, {
      softcapped: attention.softcap > 0,
      layers: layers.length,
      wholeHeads: this.wholeHeads(heads, slots),
    });
    const { inputNames } = await session;
    const inputs = inputsOf(layers, queries, settings);
    const feeds: Tensors = {};
    for (const name of inputNames) feeds[name] = inputs[name]();
    const { scores } = await (await session).run(feeds, ["scores"]);
    return apart(floatsOf(scores), layers, parts, settings.observationWindow);
  }

  async dispose(): Promise<void> {
    for (const { session } of this.sessions.values()) await (await session).dispose();
    this.sessions.clear();
  }

  /** A power of two at once, so that few sessions serve a cache that grows. */
  private wholeHeads(all: number, slots: number): ScoreGraphOptions["wholeHeads"] {
    if (this.device !== "webgpu" || slots > mostSlotsAtOnce) return undefined;
    const fitting = mostBytes / (Float32Array.BYTES_PER_ELEMENT * slots ** 2);
    return { atOnce: Math.min(all, 2 ** Math.floor(Math.log2(fitting))), all };
  }

  private session(policy: PolicyName, how: SessionOptions): ScoringSession {
    const { softcapped, layers, wholeHeads } = how;
    const inParts = wholeHeads && wholeHeads.atOnce < wholeHeads.all;
    const heads = inParts ? Object.values(wholeHeads).join(" of ") : Boolean(wholeHeads);
    const key = [policy, softcapped, layers, heads].join(" ");
    const session = this.sessions.get(key) ?? this.createSession(policy, how);
    this.sessions.set(key, session);
    return session;
  }

  private createSession(policy: PolicyName, how: SessionOptions): ScoringSession {
    const { score } = policies[policy];
    if (!score) throw new Error(`The policy ${policy} evicts nothing, so it has no scores.`);
    const { cacheType, poolWidth } = this;
    const graph = new ScoreGraph({ cacheType, poolWidth, ...how });
    const scores = score(graph);
    const session = Session.create({ bytes: graph.build(scores) }, this.device);
    return { session, parts: Object.keys(scores.parts) };
  }
}

type SessionOptions = Omit<ScoreGraphOptions, "cacheType" | "poolWidth">;

/** [heads, slots] the order in which slots stand in the cache. */
export function byPosition(heads: number, slots: number): Int32Array {
  return Int32Array.from({ length: heads * slots }, (_, cell) => cell % slots);
}

/** stacked: [1 + parts, layers · heads, slots − window], in the policy's order. */
function apart(
  stacked: Float32Array,
  layers: readonly LayerContents[],
  parts: readonly string[],
  window: number,
): LayerScores[] {
  const size = stacked.length / (1 + parts.length) / layers.length;
  return layers.map((layer, i) => {
    const bySlot = (part: number) => {
      const start = (part * layers.length + i) * size;
      return unordered(stacked.subarray(start, start + size), layer, window);
    };
    return {
      scores: bySlot(0),
      parts: parts.map((name, part) => ({ name, values: bySlot(1 + part) })),
    };
  });
}

/** [heads, slots − window] values in the policy's order, by slot. */
function unordered(
  values: Float32Array,
  { order, slots }: LayerContents,
  window: number,
): Float32Array {
  const candidates = slots - window;
  const bySlot = new Float32Array(values.length);
  for (let head = 0; head * candidates < values.length; head++)
    for (let place = 0; place < candidates; place++)
      bySlot[head * candidates + order[head * slots + place]] = values[head * candidates + place];
  return bySlot;
}

/** [layers · heads, slots] places in the caches, seen as [layers · heads · capacity, headDim], in the policy's order. */
function slotsInCaches(layers: readonly LayerContents[]): Tensor {
  const [{ slots, capacity, order }] = layers;
  const perLayer = order.length;
  const places = new Int32Array(layers.length * perLayer);
  layers.forEach((layer, i) => {
    const first = i * perLayer;
    layer.order.forEach((slot, cell) => {
      places[first + cell] = Math.floor((first + cell) / slots) * capacity + slot;
    });
  });
  return int32s(places, [places.length / slots, slots]);
}

/** Every input a score graph may have, made only if it has it. */
function inputsOf(
  layers: readonly LayerContents[],
  queries: LayerQueries,
  settings: CacheSettings,
): Record<string, () => Tensor> {
  const [{ slots, attention }] = layers;
  const [heads, group, votes, headDim] = queries.dims;
  const scalar = (value: number) => () => float32s(Float32Array.of(value), []);
  const candidates = slots - settings.observationWindow;
  const caches: Record<string, () => Tensor> = {};
  layers.forEach(({ keys }, i) => {
    caches[`keys.${i}`] = () => reshaped(keys(), [-1, headDim]);
  });
  return {
    ...caches,
    slots: () => slotsInCaches(layers),
    queries: queries.tensor,
    noise: () => float32s(joined(layers.map(({ noise }) => noise())), [heads, candidates]),
    length: () => int64s([slots], [1]),
    slotCount: scalar(slots),
    slotNumbers: () =>
      float32s(
        Float32Array.from({ length: slots }, (_, slot) => slot),
        [slots],
      ),
    candidates: () => int64s([candidates], [1]),
    "shape.rows": () => int64s([heads, group * votes, headDim], [3]),
    "shape.logits": () => int64s([heads, group, votes, slots], [4]),
    lambda: scalar(settings.lambda),
    similarityThreshold: scalar(settings.similarityThreshold),
    scale: scalar(attention.scale),
    softcap: scalar(attention.softcap),
  };
}

function joined(arrays: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const array of arrays) {
    result.set(array, end);
    end += array.length;
  }
  return result;
}
