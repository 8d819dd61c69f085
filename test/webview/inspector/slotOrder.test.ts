/** The inspector's own redundancy over compactions in a row, against the engine's. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import type { LayerCompaction } from "../../../src/engine/compaction/decision";
import { Scorer } from "../../../src/engine/compaction/scorer";
import { GoldenRun } from "../../../src/engine/proof/goldenRun";
import { readSafetensors, type Safetensors } from "../../../src/engine/proof/safetensors";
import { redundancy } from "../../../webview/inspector/model/similarity";
import { type Left, slotsInOrder } from "../../../webview/inspector/model/slotOrder";
import { similarity, unitKeys } from "../../support/inspector/golden";

const folder = "test/fixtures/sequences";
const scorer = new Scorer("cpu", "float32");
after(() => scorer.dispose());

/** Unit keys of one head's slots. */
function keysOf(golden: Safetensors, head: number, positions: Uint32Array): Float32Array {
  const [, length, headDim] = golden.shape("key");
  const all = golden.floats("key").subarray(head * length * headDim);
  const rows = [...positions].map((p) => all.subarray(p * headDim, (p + 1) * headDim));
  return unitKeys(Float32Array.from(rows.flatMap((row) => [...row])), headDim);
}

function leftBy(compaction: number, layer: LayerCompaction): Left {
  const place = { chain: 0, compaction, kvHeads: layer.heads };
  return { record: { ...layer, ...place, type: "compactionLayer" }, order: "score" };
}

for (const name of readdirSync(folder).filter((file) => file.endsWith(".safetensors")))
  test(`${name}: slots in order, and the redundancy that follows`, async () => {
    const golden = readSafetensors(readFileSync(path.join(folder, name)));
    const [window, threshold] = ["observation_window", "threshold"].map((field) =>
      Number(golden.metadata[field]),
    );
    const run = new GoldenRun(golden, "rkv");
    const [, heads, budget] = golden.shape("order.rkv");
    let before: Left | undefined;
    let moved = 0;
    for (const [compaction, end] of golden.ints("at.rkv").entries()) {
      await run.read(end);
      const { layers } = await run.compact(scorer, compaction);
      const [layer] = layers;
      const now = leftBy(compaction, layer);
      for (let head = 0; head < heads; head++) {
        const order = slotsInOrder(now, before, head, window);
        const at = head * layer.slots;
        const positions = layer.positions.subarray(at, at + layer.slots);
        if (before) {
          const from = ((compaction - 1) * heads + head) * budget;
          const authors = golden.ints("order.rkv").subarray(from, from + budget);
          const ours = [...order.subarray(0, budget)].map((slot) => positions[slot]);
          assert.deepEqual(ours, [...authors], "the order in which the authors' cache stands");
        }
        const cosines = similarity(
          keysOf(golden, head, positions),
          layer.slots,
          golden.shape("key")[2],
        );
        const shown = redundancy(cosines, order, threshold);
        const byAge = redundancy(cosines, order.toSorted(), threshold);
        const scored = layer.parts.find((part) => part.name === "redundancy")?.values ?? [];
        for (let slot = 0; slot < layer.slots - window; slot++) {
          const difference = Math.abs(shown[slot] - scored[at + slot]);
          assert.ok(difference < 1e-6, `slot ${slot} of head ${head} differs by ${difference}`);
          if (Math.abs(byAge[slot] - scored[at + slot]) > 1e-6) moved++;
        }
      }
      before = now;
    }
    assert.ok(moved > 0, "order of position would show other figures");
  });
