/** What went of each step: kinds of words, tokens behind a cell, and the way there and back. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../../../src/shared/random";
import { evictedTokens } from "../../../webview/inspector/model/evictedCell";
import { flipWords } from "../../../webview/inspector/model/flipWords";
import { kindsOf, kindSurvivals, tokenKinds } from "../../../webview/inspector/model/kinds";
import { Run } from "../../../webview/inspector/model/run";
import type { Target } from "../../../webview/inspector/scene/scene";
import type { State } from "../../../webview/inspector/state/state";
import { evicted } from "../../../webview/inspector/views/evicted";
import { pickedCell } from "../../../webview/inspector/views/parts/evictedCells";
import { supposedOf } from "../../../webview/inspector/views/parts/suppositions";
import { whatIf } from "../../../webview/inspector/views/whatIf";
import { finished } from "../../support/inspector/finished";
import { headerOf, sampleRun, tokensRecord } from "../../support/inspector/sampleRun";
import { traces } from "../../support/inspector/sceneTraces";

const size = { width: 640, height: 320 };

function kindsIn(texts: string[]): string[] {
  const run = new Run(headerOf({ layers: 1, kvHeads: 1 }));
  run.add({ ...tokensRecord(texts.length), texts } as ReturnType<typeof tokensRecord>);
  return [...finished(kindsOf(run))].map((kind) => tokenKinds[kind]);
}

test("a word's kind follows from its text and from where it stands capitalised", () => {
  const said = [
    "<|im_start|>",
    "user",
    "\n",
    "Next",
    " Dan",
    " has",
    " 18",
    " apples",
    ".",
    " Dan",
  ];
  const wanted = ["signs", "words", "signs", "connectives", "names", "words", "numbers", "words"];
  assert.deepEqual(kindsIn(said), [...wanted, "signs", "names"]);
  assert.deepEqual(kindsIn(["Plan", ":", "\n", "Wait", ",", " so", " I"]), [
    "words",
    "signs",
    "signs",
    "connectives",
    "signs",
    "connectives",
    "words",
  ]);
});

describe("what went of a random run", () => {
  const random = new Random(4);
  const shape = { tokens: 60, layers: 2, kvHeads: 2, every: 15, budget: 8 };
  const { run, heldAfter, at } = sampleRun(shape, () => random.next());
  const rows = run.evictions.rowCount;
  const losers = (position: number, compaction: number): number[] =>
    Array.from({ length: rows }, (_, row) => row).filter((row) => {
      const before = compaction === 0 ? undefined : heldAfter[compaction - 1][row];
      const isNew = position >= (compaction === 0 ? 0 : at[compaction - 1]);
      const held = position < at[compaction] && (isNew || before?.has(position) === true);
      return held && !heldAfter[compaction][row].has(position);
    });

  test("the tokens of a cell, with how many heads let each go", () => {
    for (const compaction of heldAfter.keys())
      for (const [first, end] of [
        [0, rows],
        [2, 3],
      ] as const) {
        const found = finished(evictedTokens(run, { from: 5, to: 33 }, compaction, [first, end]));
        const wanted = Array.from({ length: 28 }, (_, index) => 5 + index).flatMap((position) => {
          const own = losers(position, compaction).filter((row) => row >= first && row < end);
          return own.length === 0 ? [] : [{ position, heads: own.length, row: own[0] }];
        });
        assert.deepEqual(found, wanted);
      }
  });

  test("kinds of what went, stretch by stretch, up to a moment", () => {
    const kinds = finished(kindsOf(run));
    const stretches = [
      { from: 0, to: 20 },
      { from: 20, to: 60 },
    ];
    for (const [first, end] of [
      [0, rows],
      [1, 2],
    ] as const) {
      const counts = Array.from({ length: 2 * tokenKinds.length }, () => 0);
      for (let position = 0; position < 60; position++)
        for (const compaction of [0, 1, 2])
          for (const row of losers(position, compaction))
            if (row >= first && row < end)
              counts[(position < 20 ? 0 : 1) * tokenKinds.length + kinds[position]]++;
      const found = finished(kindSurvivals(run, stretches, [first, end]));
      assert.deepEqual(
        found.map((survival) => survival.evictedAfter(3)),
        counts,
      );
    }
  });
});

describe("cells and tokens", async () => {
  const { state, data } = await traces.small();
  const { run } = state;
  const went = (target: Target): Partial<State> => {
    const { position: selected, layer = state.layer, head = state.head } = target;
    return { selected, layer, head };
  };

  for (const oneHead of [false, true])
    test(`a cell leads to one of its tokens, and that one back to it, of ${oneHead ? "one head" : "all"}`, async () => {
      const scene = await data.sceneOf(evicted, { ...state, oneHead }, size);
      let cells = 0;
      for (const step of run.steps.keys())
        for (const compaction of run.compactions.keys()) {
          const target = scene.plots[0].at?.(compaction + 0.5, step + 0.5) ?? {};
          assert.equal(target.moment, run.compactions[compaction].position);
          if (target.position === undefined) continue;
          cells++;
          assert.deepEqual(pickedCell({ ...state, ...went(target) }), { step, compaction });
        }
      assert.ok(cells > run.steps.length, `${cells} cells`);
    });

  test("every line of a cell leads to a token that stays in the cell", async () => {
    const { list, aside } = await data.sceneOf(evicted, state, size);
    const cell = pickedCell(state);
    assert.ok(list && list.lines.length > 5 && cell);
    for (const { target } of list.lines)
      assert.deepEqual(pickedCell({ ...state, ...went(target) }), cell);
    assert.equal(aside, cell.compaction);
  });

  test("a token that is still held has no cell, and neither has one that goes later", () => {
    assert.equal(pickedCell({ ...state, selected: run.tokens - 1 }), undefined);
    assert.equal(pickedCell({ ...state, compactions: 1 }), undefined);
  });
});

describe("what if", () => {
  const candidate = (position: number) => {
    const numbers = { score: 0, importance: 0, redundancy: 0 };
    return { position, slot: position, retained: false, ...numbers };
  };
  const texts = ["a", "b", "c", "d", "e"];

  test("names the first of those that would have fared otherwise", () => {
    const flips = { savedInstead: [0, 1, 2, 3].map(candidate), evictedInstead: [candidate(4)] };
    assert.equal(
      flipWords(texts, ["λ 1 instead of 0.1"], flips, 9),
      "With λ 1 instead of 0.1, 4 that went would have stayed (“a” at 0, “b” at 1, “c” at 2, …), and 1 of the 9 that stayed would have gone (“e” at 4).",
    );
    const none = { savedInstead: [], evictedInstead: [] };
    assert.equal(flipWords(texts, [], none, 9), "As it was logged, the same would have stayed.");
  });

  test("begins with the nearest λ that makes a difference", async () => {
    const { state, data } = await traces.small();
    const unmoved = { ...state, supposed: {} };
    const { sentence, controls = [] } = await data.sceneOf(whatIf, unmoved, size);
    const supposed = supposedOf(unmoved, data);
    assert.match(sentence, new RegExp(`^With λ ${supposed?.lambda} instead of 0.1, [1-9]`));
    const on = controls.flatMap((one) => (one.control === "toggle" && one.isOn ? [one.label] : []));
    assert.deepEqual(on, [`λ ${supposed?.lambda}`]);
  });
});
