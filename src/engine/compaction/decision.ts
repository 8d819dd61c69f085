/** What one layer retains in a compaction, and why. */
import type { EvictableDecoder } from "../../onnx/evictableDecoder";
import { policies } from "../../policies";
import { Random, seedOf } from "../../shared/random";
import type { CacheSettings } from "../../shared/settings/settings";
import type { CompactionCause } from "../../shared/trace/records";
import type { KvCache } from "../cache/kvCache";
import type { NewestQueries } from "../cache/newestQueries";
import type { SlotPositions } from "../cache/slotPositions";
import { float32s } from "../runtime/runtime";
import type { LayerScores, Scorer } from "./scorer";
import { selectSlots } from "./selection";

/** What a compaction decides on. */
export interface CompactedCache {
  model: Pick<EvictableDecoder, "layers" | "queryHeads" | "kvHeads" | "headDim">;
  cache: KvCache;
  queries: NewestQueries;
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

/** budget: slots that each head is asked to retain. Throws a NonFiniteScoreError. */
export async function decide(
  compacted: CompactedCache,
  request: CompactionRequest,
  layer: number,
  budget: number,
): Promise<Retention> {
  const positions = compacted.cache.positions[layer];
  const { localWindow } = compacted.model.layers[layer];
  if (localWindow > 0) return byAge(layer, positions, Math.min(budget, localWindow));
  if (budget >= positions.slots) return byAge(layer, positions, positions.slots);
  return byScore(compacted, request, layer, budget);
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

async function byScore(
  compacted: CompactedCache,
  request: CompactionRequest,
  layer: number,
  budget: number,
): Promise<Retention> {
  const { policy, observationWindow: window } = request.settings;
  const positions = compacted.cache.positions[layer];
  const candidates = positions.slots - window;
  const { scores, parts } = await scoresOf(compacted, request, layer);
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

function scoresOf(
  { model, cache, queries, scorer }: CompactedCache,
  request: CompactionRequest,
  layer: number,
): Promise<LayerScores> {
  const { settings } = request;
  const { heads, slots } = cache.positions[layer];
  const { queryHeads, kvHeads, headDim } = model;
  const candidates = slots - settings.observationWindow;
  const votes = Math.min(settings.observationWindow, queries.count);
  if (votes === 0) throw new Error("No query is at hand to score by: read a token first.");
  const queryDims = [heads, queryHeads / kvHeads, votes, headDim];
  return scorer.score(
    {
      attention: model.layers[layer],
      slots,
      capacity: cache.capacity(layer),
      order: cache.positions[layer].inOrder(
        policies[settings.policy].slotOrder,
        settings.observationWindow,
      ),
      keys: () => cache.keys(layer),
      queries: () => float32s(queries.newest(layer, votes), queryDims),
      noise: () => float32s(noiseOf(request, layer, candidates * kvHeads), [heads, candidates]),
    },
    settings,
  );
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
