/** One pass over all layers: score, select, and only when every layer is decided, evict. */
import type { CacheSettings } from "../../shared/settings/settings";
import type { CompactionCause } from "../../shared/trace/records";
import {
  decide,
  type CompactedCache,
  type CompactionRequest,
  type LayerCompaction,
} from "./decision";
import { slotsRetained } from "./due";

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

/** Throws a NonFiniteScoreError, with the cache untouched, if a score is NaN or infinite. */
export async function compactCache(
  compacted: CompactedCache,
  request: CompactionRequest,
): Promise<Compaction> {
  const started = performance.now();
  const { cache, position } = compacted;
  const { settings, cause, promptLength } = request;
  const budget = slotsRetained(settings, { position, promptLength, slots: 0 });
  const bytesBefore = cache.bytesHeld;
  const decided = await decide(compacted, request, budget);
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
