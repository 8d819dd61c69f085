import type { CompactionLayerRecord, SlotOrder } from "../../../src/shared/trace/records";

/** A compaction of one layer, as far as it decides in which order the next one finds the slots. */
export interface Left {
  record: CompactionLayerRecord;
  order: SlotOrder;
}

/**
 * The slots of a head in the order along which R-KV pools and looks for the last similar key: what
 * the compaction before retained by falling score (a pinned prompt first, its window last), the
 * tokens read since, and always the window of this compaction last.
 *
 * @returns [slots] the slot at each place
 */
export function slotsInOrder(
  { record, order }: Left,
  before: Left | undefined,
  head: number,
  window: number,
): Int32Array {
  const { slots } = record;
  const first = slots - window;
  const left = order === "score" && before?.order === "score" ? leftBy(before.record, head) : [];
  const positions = record.positions.subarray(head * slots, (head + 1) * slots);
  const slotOf = new Map(Array.from(positions, (position, slot) => [position, slot]));
  const survivors = left.flatMap((position) => slotOf.get(position) ?? []);
  const candidates = survivors.filter((slot) => slot < first);
  const placed = new Set(candidates);
  for (let slot = 0; slot < slots; slot++) if (!placed.has(slot)) candidates.push(slot);
  return Int32Array.from(candidates);
}

/** Positions of the survivors by falling score; of equal scores the newer one first. */
function leftBy(record: CompactionLayerRecord, head: number): number[] {
  const start = head * record.slots;
  const scores = record.scores.subarray(start, start + record.slots);
  const firstScored = scores.findIndex((score) => !Number.isNaN(score));
  const kept = [...scores.keys()].filter((slot) => record.retained[start + slot] === 1);
  const rank = (slot: number) => {
    if (!Number.isNaN(scores[slot])) return -scores[slot];
    return slot < firstScored ? -Infinity : Infinity;
  };
  const ordered = kept.toSorted((a, b) => {
    const [of, other] = [rank(a), rank(b)];
    if (of !== other) return of - other;
    return Number.isFinite(of) ? b - a : a - b;
  });
  return ordered.map((slot) => record.positions[start + slot]);
}
