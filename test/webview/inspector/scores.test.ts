/** Similarity, redundancy and ranking as the score views show them, against the golden vectors. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { decision, flips } from "../../../webview/inspector/model/decision";
import { neighbours, redundancy, sparedSlots } from "../../../webview/inspector/model/similarity";
import { goldenCase, goldenFolder, similarity, unitKeys } from "../../support/inspector/golden";

describe("golden vectors of the authors' functions", () => {
  for (const name of readdirSync(goldenFolder))
    test(`${name}: redundancy from similarities, retained by rank`, () => {
      const { tensor, meta } = goldenCase(name);
      const [kvHeads, slots, headDim] = tensor("key").shape;
      const keys = tensor("key").values as Float32Array;
      const wanted = ["importance", "redundancy", "score"].map((key) => tensor(key).values);
      const kept = tensor("kept.rkv");
      const candidates = tensor("score").shape[1];
      const margins = tensor("margin.rkv").values;
      for (let head = 0; head < kvHeads; head++) {
        const unit = unitKeys(
          keys.subarray(head * slots * headDim, (head + 1) * slots * headDim),
          headDim,
        );
        const found = redundancy(
          similarity(unit, slots, headDim),
          byAge(slots),
          Number(meta.threshold),
        );
        const expected = wanted[1].subarray(head * candidates, (head + 1) * candidates);
        expected.forEach((value, slot) => assert.ok(Math.abs(value - found[slot]) < 1e-6));
        if (margins[head] < 1e-6) continue;
        const survivors = new Set(
          kept.values.subarray(head * kept.shape[1], (head + 1) * kept.shape[1]),
        );
        const record = layerOf(head, candidates, slots, survivors, wanted);
        const made = decision(record, 0);
        const retain = kept.shape[1] - (slots - candidates);
        const same = flips(made, { lambda: Number(meta.lambda_), retain });
        assert.deepEqual(same, { savedInstead: [], evictedInstead: [] });
        assert.equal(made.cut, retain);
      }
    });
});

function layerOf(
  head: number,
  candidates: number,
  slots: number,
  survivors: Set<number>,
  [importance, redundancies, scores]: (Float32Array | Int32Array)[],
) {
  const padded = (values: Float32Array | Int32Array) =>
    Float32Array.from({ length: slots }, (_, slot) =>
      slot < candidates ? values[head * candidates + slot] : NaN,
    );
  return {
    type: "compactionLayer" as const,
    chain: 0,
    compaction: 0,
    layer: 0,
    kvHeads: 1,
    slots,
    positions: Uint32Array.from({ length: slots }, (_, slot) => slot),
    retained: Uint8Array.from({ length: slots }, (_, slot) => (survivors.has(slot) ? 1 : 0)),
    scores: padded(scores),
    parts: [
      { name: "importance", values: padded(importance) },
      { name: "redundancy", values: padded(redundancies) },
    ],
  };
}

function byAge(slots: number): Int32Array {
  return Int32Array.from({ length: slots }, (_, slot) => slot);
}

test("of three equal keys the last in order is spared", () => {
  const keys = Float32Array.of(1, 0, 0, 1, 1, 0, 1, 0);
  const similarities = similarity(keys, 4, 2);
  assert.deepEqual(neighbours(similarities, byAge(4), 0, 0.5), [
    { slot: 2, similarity: 1, spared: false },
    { slot: 3, similarity: 1, spared: true },
  ]);
  assert.deepEqual([...sparedSlots(similarities, byAge(4), 0.5)], [0, 0, 1, 1]);
  const [oldest, , , newest] = redundancy(similarities, byAge(4), 0.5);
  assert.ok(newest < oldest);
});
