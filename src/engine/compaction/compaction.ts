/** One pass over all layers: score, select, and only when every layer is decided, evict. */
import { policies } from "../../policies";
import { Random, seedOf } from "../../shared/random";
import {
  NonFiniteScoreError,
  type Compaction,
  type CompactionRequest,
  type LayerCompaction,
} from "../decoder/decoder";
import { slotsRetained } from "./due";
import type { CacheShape, KvCache } from "../cache/kvCache";
import type { NewestQueries } from "../cache/newestQueries";
import { float32s } from "../runtime/runtime";
import type { LayerScores, Scorer } from "./scorer";
import { selectSlots } from "./selection";
import type { SlotPositions } from "../cache/slotPositions";

export interface CompactedParts {
  shape: CacheShape;
  queryHeads: number;
  cache: KvCache;
  queries: NewestQueries;
  scorer: Scorer;
  /** Tokens read so far. */
  position: number;
}

/** See `Decoder.compact`. */
export async function compactCache(
  parts: CompactedParts,
  request: CompactionRequest,
): Promise<Compaction> {
  const started = performance.now();
  const { cache, position } = parts;
  const { settings, cause, promptLength } = request;
  const budget = slotsRetained(settings, { position, promptLength, slots: 0 });
  const bytesBefore = cache.bytesHeld;
  const decided: Decision[] = [];
  for (const layer of cache.positions.keys()) {
    decided.push(await decide(parts, request, layer, budget));
    request.onLayer?.();
  }
  await cache.retain(
    decided.map(({ slots }) => slots),
    settings.buffer,
  );
  decided.forEach(({ left }, layer) => left && cache.positions[layer].leave(left));
  return {
    cause,
    settings,
    position,
    budget,
    millis: performance.now() - started,
    bytesBefore,
    bytesAfter: cache.bytesHeld,
    layers: decided.map(({ outcome }) => outcome),
  };
}

interface Decision {
  /** [heads, n] */
  slots: Int32Array;
  /** [heads, n] the order in which they are left to the next compaction, where not by position. */
  left?: Int32Array;
  outcome: LayerCompaction;
}

async function decide(
  parts: CompactedParts,
  request: CompactionRequest,
  layer: number,
  budget: number,
): Promise<Decision> {
  const positions = parts.cache.positions[layer];
  const { localWindow } = parts.shape.layers[layer];
  if (localWindow > 0) return byAge(layer, positions, Math.min(budget, localWindow));
  if (budget >= positions.slots) return byAge(layer, positions, positions.slots);
  return byScore(parts, request, layer, budget);
}

/** The newest slots stay, whatever they hold: all that a layer with a local window can see. */
function byAge(layer: number, positions: SlotPositions, budget: number): Decision {
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
  parts: CompactedParts,
  request: CompactionRequest,
  layer: number,
  budget: number,
): Promise<Decision> {
  const { settings, promptLength } = request;
  const positions = parts.cache.positions[layer];
  const { heads, slots: before } = positions;
  const candidates = before - settings.observationWindow;
  const { scores, parts: scoreParts } = await scoresOf(parts, request, layer);
  if (!scores.every(Number.isFinite)) throw new NonFiniteScoreError(settings.policy, layer);

  const pinnedBelow = settings.pinPrompt ? promptLength : 0;
  const pinned = Array.from({ length: heads }, (_, head) =>
    Math.min(candidates, positions.countBelow(head, pinnedBelow)),
  );
  const { observationWindow: window } = settings;
  const { slots, byScore } = selectSlots({ candidates, window, budget, scores, pinned });
  const perSlot = (values: Float32Array) => {
    const column = new Float32Array(heads * before).fill(NaN);
    pinned.forEach((first, head) => {
      const competing = values.subarray(head * candidates + first, (head + 1) * candidates);
      column.set(competing, head * before + first);
    });
    return column;
  };
  const columns = scoreParts.map(({ name, values }) => ({ name, values: perSlot(values) }));
  const left = policies[settings.policy].slotOrder === "score" ? byScore : undefined;
  return { slots, left, outcome: outcomeOf(layer, positions, slots, perSlot(scores), columns) };
}

function scoresOf(
  { cache, queries, queryHeads, shape, scorer }: CompactedParts,
  request: CompactionRequest,
  layer: number,
): Promise<LayerScores> {
  const { settings } = request;
  const { heads, slots } = cache.positions[layer];
  const candidates = slots - settings.observationWindow;
  const votes = Math.min(settings.observationWindow, queries.count);
  if (votes === 0) throw new Error("No query is at hand to score by: read a token first.");
  return scorer.score(
    {
      attention: shape.layers[layer],
      slots,
      capacity: cache.capacity(layer),
      order: cache.positions[layer].inOrder(
        policies[settings.policy].slotOrder,
        settings.observationWindow,
      ),
      keys: () => cache.keys(layer),
      values: () => cache.values(layer),
      queries: () =>
        float32s(queries.newest(layer, votes), [
          heads,
          queryHeads / shape.kvHeads,
          votes,
          shape.headDim,
        ]),
      noise: () =>
        float32s(noiseOf(request, layer, candidates * shape.kvHeads), [heads, candidates]),
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
