/** What the inspector says of a run is what a slow count over sets of positions says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { never } from "../../../webview/inspector/model/evictions";
import { heldShare, momentAt } from "../../../webview/inspector/model/moment";
import { evictedShares, HeldCells, heldShares } from "../../../webview/inspector/model/retention";
import { survivals } from "../../../webview/inspector/model/survival";
import { finished } from "../../support/inspector/finished";
import {
  compactionRecord,
  sampleRun,
  tokensRecord,
  type Sample,
} from "../../support/inspector/sampleRun";

const shapes = fc.record({
  tokens: fc.integer({ min: 1, max: 60 }),
  layers: fc.integer({ min: 1, max: 3 }),
  kvHeads: fc.integer({ min: 1, max: 3 }),
  every: fc.integer({ min: 1, max: 20 }),
  budget: fc.integer({ min: 1, max: 12 }),
});

/** Runs `check` on 150 random runs. */
function forSamples(check: (sample: Sample, random: () => number) => void): void {
  fc.assert(
    fc.property(
      shapes,
      fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
      (shape, s) => {
        const random = () => s.next().value as number;
        check(sampleRun(shape, random), random);
      },
    ),
    { numRuns: 150 },
  );
}

/** The positions that a row holds when the text is `tokens` long. */
function slowlyHeld({ heldAfter, at }: Sample, row: number, tokens: number): Set<number> {
  const last = at.findLastIndex((position) => position <= tokens);
  const held = new Set(last < 0 ? [] : heldAfter[last][row]);
  for (let position = last < 0 ? 0 : at[last]; position < tokens; position++) held.add(position);
  return held;
}

test("a token's share is the share of rows whose set has it, at every moment", () => {
  forSamples((sample) => {
    const { run } = sample;
    for (let tokens = 0; tokens <= run.tokens; tokens += 7) {
      const rows = Array.from({ length: run.evictions.rowCount }, (_, row) =>
        slowlyHeld(sample, row, tokens),
      );
      for (let position = 0; position < tokens; position++) {
        const count = rows.filter((row) => row.has(position)).length;
        assert.equal(heldShare(run, position, momentAt(run, tokens)), count / rows.length);
      }
    }
  });
});

test("a cell of the map is the mean over its heads and positions, zoomed or not", () => {
  forSamples((sample, random) => {
    const { run } = sample;
    const tokens = Math.floor(random() * (run.tokens + 1));
    const columns = 1 + Math.floor(random() * run.tokens);
    const grid = { from: 0, to: run.tokens, columns, byHead: true };
    const cells = heldShares(run, grid, momentAt(run, tokens));
    for (let row = 0; row < run.evictions.rowCount; row++) {
      const held = slowlyHeld(sample, row, tokens);
      for (let column = 0; column < columns; column++) {
        const first = Math.floor((column * run.tokens) / columns);
        const end = Math.max(first + 1, Math.floor(((column + 1) * run.tokens) / columns));
        const span = Array.from({ length: end - first }, (_, i) => first + i).filter(
          (p) => p < tokens,
        );
        const share = span.filter((position) => held.has(position)).length / span.length;
        assert.ok(Object.is(cells[row * columns + column], Math.fround(share)));
      }
    }
  });
});

test("a moment that moves shows the cells that a count anew shows", () => {
  forSamples(({ run }, random) => {
    const upTo = (end: number) => Math.floor(random() * (end + 1));
    const grid = {
      from: upTo(run.tokens - 1),
      to: run.tokens,
      columns: 1,
      byHead: random() < 0.5,
    };
    grid.columns += upTo(grid.to - grid.from - 1);
    const cells = new HeldCells(run, grid, momentAt(run, upTo(run.tokens)));
    for (let move = 0; move < 8; move++) {
      const moment = momentAt(run, upTo(run.tokens));
      assert.deepEqual(cells.at(moment), heldShares(run, grid, moment));
    }
  });
});

test("what a step loses, compaction by compaction, adds up to what the sets lose", () => {
  forSamples((sample) => {
    const { run, heldAfter, at } = sample;
    const [survival] = finished(survivals(run, [{ from: 0, to: at[0] ?? 0 }]));
    heldAfter.forEach((rows, compaction) => {
      const inStep = rows.map((row) => [...row].filter((position) => position < at[0]));
      const slots = inStep.reduce((sum, { length }) => sum + length, 0);
      const held = survival.heldAfter(compaction + 1);
      assert.ok(Math.abs(held - slots / (at[0] * rows.length)) < 1e-6);
      const forgotten = at[0] - new Set(inStep.flat()).size;
      assert.equal(survival.forgottenAfter(compaction + 1), forgotten);
    });
    const [all] = finished(survivals(run, [{ from: 0, to: run.tokens }]));
    const evicted = heldAfter.map((_, compaction) => all.evictedIn(compaction));
    const left = heldAfter.at(-1)?.reduce((sum, { size }) => sum + size, 0) ?? 0;
    const slots = (at.at(-1) ?? 0) * run.evictions.rowCount;
    assert.equal(
      evicted.reduce((a, b) => a + b, 0),
      slots - left,
    );
  });
});

test("the sweep shows the cells that the compaction took", () => {
  forSamples(({ run, at }) => {
    for (let compaction = 0; compaction < at.length; compaction++) {
      const grid = { from: 0, to: run.tokens, columns: run.tokens, byHead: true };
      const cells = evictedShares(run, grid, compaction);
      for (let row = 0; row < run.evictions.rowCount; row++)
        for (let position = 0; position < at[compaction]; position++) {
          const isTaken = run.evictions.evictedAt(row, position) === compaction;
          assert.equal(cells[row * run.tokens + position], isTaken ? 1 : 0);
        }
    }
  });
});

test("a token that a layer lists no more counts as lost in that compaction", () => {
  const { run } = sampleRun({ tokens: 6, layers: 1, kvHeads: 1, every: 9, budget: 2 }, () => 0);
  run.add(compactionRecord(0, 6, 2));
  run.add({
    type: "compactionLayer",
    chain: 0,
    compaction: 0,
    layer: 0,
    kvHeads: 1,
    slots: 3,
    positions: Uint32Array.of(3, 4, 5),
    retained: Uint8Array.of(0, 1, 1),
  });
  const at = Array.from({ length: 6 }, (_, position) => run.evictions.evictedAt(0, position));
  assert.deepEqual(at, [0, 0, 0, 0, never, never]);
});

test("what was evicted does not come back, whatever a later compaction lists", () => {
  const { run } = sampleRun({ tokens: 4, layers: 1, kvHeads: 1, every: 9, budget: 2 }, () => 0);
  for (const [compaction, retained] of [
    [0, 0, 1, 1],
    [1, 1, 0, 0],
  ].entries()) {
    run.add(compactionRecord(compaction, 4, 2));
    run.add({
      type: "compactionLayer",
      chain: 0,
      compaction,
      layer: 0,
      kvHeads: 1,
      slots: 4,
      positions: Uint32Array.of(0, 1, 2, 3),
      retained: Uint8Array.from(retained),
    });
  }
  assert.deepEqual([...run.evictions.row(0)], [0, 0, 1, 1]);
});

test("a record that contradicts the ones before it is refused", () => {
  const { run } = sampleRun({ tokens: 6, layers: 1, kvHeads: 1, every: 9, budget: 2 }, () => 0);
  assert.throws(() => run.add(tokensRecord(3)), /Tokens for position 0 came when the text was 6/);
});
