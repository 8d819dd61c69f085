/**
 * Runs the policies' graphs on the model's device. Graphs are dynamic in the number of slots and
 * queries, and settings are inputs, so a policy's session is made once and serves to the end.
 */
import type { FloatType, LayerAttention } from "../../onnx/evictableDecoder";
import { policies } from "../../policies";
import { defaultPoolWidth, ScoreGraph } from "../../policies/graph/scoreGraph";
import type { CacheSettings, Device, PolicyName } from "../../shared/settings/settings";
import { float32s, floatsOf, int32s, int64s, Session, type Tensor } from "../runtime/runtime";

/** One layer's cache and newest queries, as the policies see them. */
export interface LayerContents {
  attention: Pick<LayerAttention, "scale" | "softcap">;
  /** [heads, capacity, headDim] on the scorer's device; slots beyond `slots` are ignored. */
  keys: () => Tensor;
  capacity: number;
  slots: number;
  /** [heads, slots] the slot at each place of the policy's order; the window comes last. */
  order: Int32Array;
  /** [heads, query heads per KV head, queries, headDim] */
  queries: () => Tensor;
  /** [heads, slots − window], uniform in [0, 1) */
  noise: () => Tensor;
}

/** Each [heads, slots − window], by slot. */
export interface LayerScores {
  scores: Float32Array;
  parts: { name: string; values: Float32Array }[];
}

export class Scorer {
  private readonly sessions = new Map<string, Promise<Session>>();

  constructor(
    private readonly device: Device,
    private readonly cacheType: FloatType,
    private readonly poolWidth = defaultPoolWidth,
  ) {}

  /** The policy must be one that scores. Scores may be non-finite: the caller looks. */
  async score(layer: LayerContents, settings: CacheSettings): Promise<LayerScores> {
    const session = await this.session(settings.policy, layer.attention.softcap > 0);
    const inputs = inputsOf(layer, settings);
    const feeds = Object.fromEntries(
      session.inputNames.map((name) => [name, inputs[name as keyof typeof inputs]()]),
    );
    const outputs = await session.run(feeds, session.outputNames);
    const { score, ...parts } = outputs;
    const bySlot = (values: Tensor) =>
      unordered(floatsOf(values), layer, settings.observationWindow);
    return {
      scores: bySlot(score),
      parts: Object.entries(parts).map(([name, part]) => ({ name, values: bySlot(part) })),
    };
  }

  async dispose(): Promise<void> {
    for (const session of this.sessions.values()) await (await session).dispose();
    this.sessions.clear();
  }

  private session(policy: PolicyName, softcapped: boolean): Promise<Session> {
    const key = `${policy} ${softcapped}`;
    const session = this.sessions.get(key) ?? this.createSession(policy, softcapped);
    this.sessions.set(key, session);
    return session;
  }

  private createSession(policy: PolicyName, softcapped: boolean): Promise<Session> {
    const { score } = policies[policy];
    if (!score) throw new Error(`The policy ${policy} evicts nothing, so it has no scores.`);
    const { cacheType, poolWidth } = this;
    const graph = new ScoreGraph({ cacheType, softcapped, poolWidth });
    return Session.create({ bytes: graph.build(score(graph)) }, this.device);
  }
}

/** [heads, slots] the order in which slots stand in the cache. */
export function byPosition(heads: number, slots: number): Int32Array {
  return Int32Array.from({ length: heads * slots }, (_, cell) => cell % slots);
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

/** [heads, slots] places in the cache, seen as [heads · capacity, headDim], in the policy's order. */
function slotsInCache({ order, slots, capacity }: LayerContents): Tensor {
  const places = order.map((slot, cell) => Math.floor(cell / slots) * capacity + slot);
  return int32s(places, [order.length / slots, slots]);
}

/** Every input a score graph may have, made only if it has it. */
function inputsOf(layer: LayerContents, settings: CacheSettings) {
  const scalar = (value: number) => () => float32s(Float32Array.of(value), []);
  return {
    keys: layer.keys,
    slots: () => slotsInCache(layer),
    queries: layer.queries,
    noise: layer.noise,
    length: () => int64s([layer.slots], [1]),
    candidates: () => int64s([layer.slots - settings.observationWindow], [1]),
    lambda: scalar(settings.lambda),
    similarityThreshold: scalar(settings.similarityThreshold),
    scale: scalar(layer.attention.scale),
    softcap: scalar(layer.attention.softcap),
  };
}
