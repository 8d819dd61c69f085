/** What one layer retains in a compaction, and why. */
import type { EvictableDecoder } from "../../onnx/evictableDecoder";
import { policies } from "../../policies";
import { Random, seedOf } from "../../shared/random";
import type { CacheSettings } from "../../shared/settings/settings";
import type { CompactionCause } from "../../shared/trace/records";
import type { KvCache } from "../cache/kvCache";
import type { SlotPositions } from "../cache/slotPositions";
import type { VotingQueries } from "../cache/votingQueries";
import { reshaped } from "../runtime/runtime";
import type { LayerContents, LayerScores, Scorer } from "./scorer";
import { selectSlots } from "./selection";

/** What a compaction decides on. */
export interface CompactedCache {
  model: Pick<EvictableDecoder, "layers" | "queryHeads" | "kvHeads" | "headDim">;
  cache: KvCache;
  queries: VotingQueries;
  scorer: Scorer;
  /** Tokens read so far. */
  position: number;
}

/** What a compaction is to do, and by which random numbers. */
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

/** Its message is for people. */
export class NonFiniteScoreError extends Error {
  override readonly name = "NonFiniteScoreError";

  constructor(policy: string, layer: number) {
    super(
      `The policy ${policy} computed a score that is not a number in layer ${layer}: the model's keys or queries overflowed. Try the full-precision export of this model.`,
    );
  }
}

/** What a layer retains. Nothing is evicted yet. */
export interface Retention {
  /** [heads, n] */
  slots: Int32Array;
  /** [heads, n] the order in which they are left to the next compaction, where not by position. */
  left?: Int32Array;
  outcome: LayerCompaction;
}

/** budget: slots that each head is asked to retain. By layer. Throws a NonFiniteScoreError. */
export async function decide(
  compacted: CompactedCache,
  request: CompactionRequest,
  budget: number,
): Promise<Retention[]> {
  const decided: Retention[] = [];
  const scoring: number[] = [];
  for (const [layer, positions] of compacted.cache.positions.entries()) {
    const { localWindow } = compacted.model.layers[layer];
    const most = localWindow > 0 ? Math.min(budget, localWindow) : budget;
    if (localWindow > 0 || budget >= positions.slots) {
      decided[layer] = byAge(layer, positions, most);
      request.onLayer?.();
    } else scoring.push(layer);
  }
  for (const layers of scoredTogether(compacted, scoring)) {
    const scores = await scoresOf(compacted, request, layers);
    layers.forEach((layer, i) => {
      decided[layer] = byScore(compacted.cache.positions[layer], request, layer, {
        budget,
        ...scores[i],
      });
      request.onLayer?.();
    });
  }
  return decided;
}

/** Layers of one size and attention, no more at once than the scorer takes, and evenly many. */
function scoredTogether(
  { model, cache, scorer }: CompactedCache,
  scoring: readonly number[],
): number[][] {
  const alike = new Map<string, number[]>();
  for (const layer of scoring) {
    const { scale, softcap } = model.layers[layer];
    const key = [cache.positions[layer].slots, cache.capacity(layer), scale, softcap].join(" ");
    alike.set(key, [...(alike.get(key) ?? []), layer]);
  }
  return [...alike.values()].flatMap((layers) => {
    const [first] = layers;
    const { slots, heads } = cache.positions[first];
    const size = { slots, capacity: cache.capacity(first) };
    const runs = Math.ceil(layers.length / scorer.layersAtOnce(size, heads * model.headDim));
    const perRun = Math.ceil(layers.length / runs);
    return Array.from({ length: runs }, (_, run) =>
      layers.slice(run * perRun, (run + 1) * perRun),
    ).filter(({ length }) => length > 0);
  });
}

/** The newest slots stay, whatever they hold: all that a layer with a local window can see. */
function byAge(layer: number, positions: SlotPositions, budget: number): Retention {
  const { heads, slots: before } = positions;
  const retained = Math.min(budget, before);
  const slots = Int32Array.from(
    { length: heads * retained },
    (_, i) => before - retained + (i % retained),
  );
  const noScores = new Float32Array(heads * before).fill(NaN);
  return { slots, outcome: outcomeOf(layer, positions, slots, noScores, []) };
}

function byScore(
  positions: SlotPositions,
  request: CompactionRequest,
  layer: number,
  { budget, scores, parts }: LayerScores & { budget: number },
): Retention {
  const { policy, observationWindow: window } = request.settings;
  const candidates = positions.slots - window;
  if (!scores.every(Number.isFinite)) throw new NonFiniteScoreError(policy, layer);
  const pinned = pinnedOf(positions, request);
  const { slots, byScore: order } = selectSlots({ candidates, window, budget, scores, pinned });
  const column = (values: Float32Array) => competing(values, candidates, positions.slots, pinned);
  const columns = parts.map(({ name, values }) => ({ name, values: column(values) }));
  const left = policies[policy].slotOrder === "score" ? order : undefined;
  return { slots, left, outcome: outcomeOf(layer, positions, slots, column(scores), columns) };
}

/** Candidates of each head that are retained whatever their score: its first ones. */
function pinnedOf(
  positions: SlotPositions,
  { settings, promptLength }: CompactionRequest,
): number[] {
  const candidates = positions.slots - settings.observationWindow;
  const pinnedBelow = settings.pinPrompt ? promptLength : 0;
  return Array.from({ length: positions.heads }, (_, head) =>
    Math.min(candidates, positions.countBelow(head, pinnedBelow)),
  );
}

/** [heads, slots] of values [heads, candidates] those that decided, NaN elsewhere. pinned: by head. */
function competing(
  values: Float32Array,
  candidates: number,
  slots: number,
  pinned: readonly number[],
): Float32Array {
  const column = new Float32Array(pinned.length * slots).fill(NaN);
  pinned.forEach((first, head) => {
    const own = values.subarray(head * candidates + first, (head + 1) * candidates);
    column.set(own, head * slots + first);
  });
  return column;
}

async function scoresOf(
  compacted: CompactedCache,
  request: CompactionRequest,
  layers: readonly number[],
): Promise<LayerScores[]> {
  const { model, cache, queries, scorer, position } = compacted;
  const { settings } = request;
  const votes = Math.min(settings.observationWindow, queries.count);
  if (votes === 0) throw new Error("No query is at hand to score by: read a token first.");
  const heads = layers.length * cache.positions[layers[0]].heads;
  const dims = [heads, model.queryHeads / model.kvHeads, votes, model.headDim] as const;
  const newest = await queries.of(layers, votes, position);
  try {
    return await scorer.score(
      layers.map((layer) => contentsOf(compacted, request, layer)),
      { dims, tensor: () => reshaped(newest, dims) },
      settings,
    );
  } finally {
    newest.dispose();
  }
}

function contentsOf(
  { model, cache }: CompactedCache,
  request: CompactionRequest,
  layer: number,
): LayerContents {
  const { policy, observationWindow: window } = request.settings;
  const positions = cache.positions[layer];
  return {
    attention: model.layers[layer],
    slots: positions.slots,
    capacity: cache.capacity(layer),
    order: positions.inOrder(policies[policy].slotOrder, window),
    keys: () => cache.keys(layer),
    noise: () => noiseOf(request, layer, (positions.slots - window) * model.kvHeads),
  };
}

/** [rows, perRow] of each chain its own numbers, whatever other chains there are. */
function noiseOf(
  { seed, compaction, chains }: CompactionRequest,
  layer: number,
  perRow: number,
): Float32Array {
  const noise = new Float32Array(chains.length * perRow);
  chains.forEach((chain, row) => {
    const random = new Random(seedOf(seed, compaction, layer, chain));
    for (let i = 0; i < perRow; i++) noise[row * perRow + i] = random.next();
  });
  return noise;
}

function outcomeOf(
  layer: number,
  positions: SlotPositions,
  slots: Int32Array,
  scores: Float32Array,
  parts: LayerCompaction["parts"],
): LayerCompaction {
  const { heads, slots: before } = positions;
  const slotsAfter = slots.length / heads;
  const retained = new Uint8Array(heads * before);
  slots.forEach((slot, i) => (retained[Math.floor(i / slotsAfter) * before + slot] = 1));
  const all = positions.all();
  return { layer, heads, slots: before, slotsAfter, positions: all, retained, scores, parts };
}
