/** What must hold in the trace of any run of one chain, whatever a person changed in the middle of it. */
import assert from "node:assert/strict";
import { compactionDue, slotsRetained } from "../../../src/engine/compaction/due";
import type { CacheSettings } from "../../../src/shared/settings/settings";
import type { CompactionLayerRecord, CompactionRecord } from "../../../src/shared/trace/records";
import type { Trace } from "./tinyRuns";

/** Of every layer of every compaction: what it kept is what it should have kept. */
export async function assertSound(trace: Trace, promptLength: number): Promise<void> {
  const { layers } = trace.reader.header;
  for (const pass of trace.all("compaction")) {
    const pinned = settingsAt(trace, pass.position).pinPrompt ? promptLength : 0;
    for (let layer = 0; layer < layers; layer++) {
      const decision = await trace.reader.layer(0, pass.compaction, layer);
      assert.ok(decision, `layer ${layer} of compaction ${pass.compaction} is in the trace`);
      for (let head = 0; head < decision.kvHeads; head++) assertHead(decision, head, pass, pinned);
    }
  }
}

/** Positions ascend; the window and a pinned prompt stay, and of the others the best scores. */
function assertHead(
  layer: CompactionLayerRecord,
  head: number,
  { position, observationWindow, budget }: CompactionRecord,
  pinned: number,
): void {
  const of = <T extends Uint32Array | Uint8Array | Float32Array>(column: T) => [
    ...column.subarray(head * layer.slots, (head + 1) * layer.slots),
  ];
  const [positions, retained, scores] = [of(layer.positions), of(layer.retained), of(layer.scores)];
  assert.ok(positions.every((each, slot) => slot === 0 || each > positions[slot - 1]));
  assert.equal(positions.at(-1), position - 1);
  assert.equal(retained.filter((flag) => flag === 1).length, budget);
  const [best, worst] = [[] as number[], [] as number[]];
  positions.forEach((each, slot) => {
    const stays = each < pinned || slot >= layer.slots - observationWindow;
    if (stays) return assert.equal(retained[slot], 1);
    assert.ok(Number.isFinite(scores[slot]), `position ${each} scores ${scores[slot]}`);
    (retained[slot] === 1 ? best : worst).push(scores[slot]);
  });
  assert.ok(Math.min(...best) >= Math.max(...worst), "a better score was evicted");
}

/** After no step does a head hold what a compaction should have evicted. */
export function assertWithin(trace: Trace, promptLength: number): void {
  const bytesPerSlot = trace.reader.header.bytesPerToken;
  for (const { position, kvBytes } of trace.all("figures")) {
    const held = kvBytes / bytesPerSlot;
    const cache = settingsAt(trace, position);
    const standing = { slots: held, position, promptLength };
    assert.equal(compactionDue(cache, standing), undefined);
    assert.ok(held < slotsRetained(cache, standing) + cache.buffer);
  }
}

function settingsAt(trace: Trace, position: number): CacheSettings {
  const settings = trace.all("settings").findLast((record) => record.position <= position);
  assert.ok(settings);
  return settings.cache as CacheSettings;
}
