import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { selectSlots } from "../../../src/engine/compaction/selection";

const cases = fc
  .record({
    heads: fc.integer({ min: 1, max: 4 }),
    candidates: fc.integer({ min: 1, max: 40 }),
    window: fc.integer({ min: 1, max: 8 }),
    spare: fc.integer({ min: 0, max: 50 }),
    pinned: fc.integer({ min: 0, max: 10 }),
  })
  .chain(({ heads, candidates, window, spare, pinned }) =>
    fc.record({
      heads: fc.constant(heads),
      candidates: fc.constant(candidates),
      window: fc.constant(window),
      pinned: fc.constant(Math.min(pinned, candidates)),
      budget: fc.constant(Math.min(pinned, candidates) + window + spare),
      scores: fc
        .array(fc.constantFrom(-1, 0, 0.5, 1), {
          minLength: heads * candidates,
          maxLength: heads * candidates,
        })
        .map((scores) => Float32Array.from(scores)),
    }),
  );

test("each head retains the budget: pinned, the best of the rest by falling score, and the window", () => {
  fc.assert(
    fc.property(cases, ({ heads, candidates, window, pinned, budget, scores }) => {
      const { slots: all, byScore } = selectSlots({
        ...{ candidates, window, budget, scores },
        pinned: Array<number>(heads).fill(pinned),
      });
      const perHead = Math.min(budget, candidates + window);
      assert.equal(all.length, heads * perHead);
      for (let head = 0; head < heads; head++) {
        const slots = [...all.subarray(head * perHead, (head + 1) * perHead)];
        assert.deepEqual(
          slots,
          [...new Set(slots)].sort((a, b) => a - b),
        );
        const retained = new Set(slots);
        for (let slot = candidates; slot < candidates + window; slot++)
          assert.ok(retained.has(slot));
        for (let slot = 0; slot < pinned; slot++) assert.ok(retained.has(slot));
        const scoreOf = (slot: number) => scores[head * candidates + slot];
        const competing = [...Array(candidates).keys()].filter((slot) => slot >= pinned);
        const worst = Math.min(...competing.filter((slot) => retained.has(slot)).map(scoreOf));
        for (const slot of competing) assert.ok(retained.has(slot) || scoreOf(slot) <= worst);
        const left = byScore.subarray(head * perHead, (head + 1) * perHead);
        const ordered = Array.from(left, (number) => slots[number]);
        const best = competing.filter((slot) => retained.has(slot));
        best.sort((a, b) => scoreOf(b) - scoreOf(a) || b - a);
        const first = slots.slice(0, pinned);
        assert.deepEqual(ordered, [...first, ...best, ...slots.slice(-window)]);
      }
    }),
  );
});

test("pinned tokens that do not fit the budget are refused, not dropped", () => {
  const input = { candidates: 6, window: 2, budget: 5, scores: new Float32Array(6) };
  assert.throws(() => selectSlots({ ...input, pinned: [4] }), RangeError);
});
