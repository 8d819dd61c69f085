/** Which reasoning steps are alike: means from sums are the means over all pairs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../../src/shared/random";
import { mostAlike } from "../../../webview/inspector/model/alikeSteps";
import { bestPairs } from "../../../webview/inspector/model/bestPairs";
import { repeats } from "../../../webview/inspector/model/repeats";
import { similarityByRow } from "../../../webview/inspector/model/similarity";
import { stepMeans, stepSums } from "../../../webview/inspector/model/stepSimilarity";
import { listed, stepRange, stepsNamed } from "../../../webview/inspector/model/stepWords";
import { finished } from "../../support/inspector/finished";
import { similarity, unitKeys } from "../../support/inspector/golden";

const headDim = 5;

/** Random unit keys, and a step for each slot: some steps have none, some slots no step. */
function sample(random: Random, heads: number, slots: number, steps: number) {
  const numbers = Float32Array.from({ length: heads * slots * headDim }, () => random.next() - 0.3);
  const stepOf = Int32Array.from({ length: heads * slots }, () =>
    Math.floor(random.next() * (steps + 1) - 1),
  );
  return { keys: unitKeys(numbers, headDim), stepOf };
}

type Sample = ReturnType<typeof sample>;

/** Mean and number of the pairs between two groups of steps, pair by pair. */
function slowly({ keys, stepOf }: Sample, heads: number[], slots: number, each: number) {
  const groupOf = (index: number): number => Math.floor(stepOf[index] / each);
  const dot = (a: number, b: number): number => {
    let sum = 0;
    for (let d = 0; d < headDim; d++) sum += keys[a * headDim + d] * keys[b * headDim + d];
    return sum;
  };
  return (one: number, other: number) => {
    let [sum, pairs] = [0, 0];
    for (const head of heads)
      for (let a = head * slots; a < (head + 1) * slots; a++)
        for (let b = head * slots; b < (head + 1) * slots; b++) {
          if (groupOf(a) !== one || groupOf(b) !== other || stepOf[a] < 0 || stepOf[b] < 0)
            continue;
          if (one === other ? b <= a : a === b) continue;
          sum += dot(a, b);
          pairs++;
        }
    return { mean: sum / pairs, pairs };
  };
}

test("the mean of two steps is the mean over their pairs, for one head, several, and groups of steps", () => {
  const random = new Random(3);
  for (let turn = 0; turn < 20; turn++) {
    const [heads, slots, steps] = [1 + (turn % 3), 4 + turn, 2 + (turn % 7)];
    const made = sample(random, heads, slots, steps);
    const sums = finished(stepSums(made.keys, made.stepOf, heads, headDim));
    for (const chosen of [[0], Array.from({ length: heads }, (_, head) => head)])
      for (const each of [1, 2]) {
        const { groups, values, pairs } = finished(stepMeans(sums, chosen, each));
        const wanted = slowly(made, chosen, slots, each);
        groups.forEach((one, row) =>
          groups.forEach((other, column) => {
            const cell = row * groups.length + column;
            const { mean, pairs: count } = wanted(one, other);
            assert.equal(pairs[cell], count);
            assert.ok(Object.is(values[cell], mean) || Math.abs(values[cell] - mean) < 1e-6);
          }),
        );
      }
  }
});

test("every pair is counted once, and the nearest ones come first", () => {
  const { keys } = sample(new Random(8), 1, 30, 1);
  const positions = Array.from({ length: 30 }, (_, slot) => slot * 2);
  const values = similarity(keys, 30, headDim);
  const within = finished(
    bestPairs([{ head: 0, positions, keys }], headDim, [
      [0, 60],
      [0, 60],
    ]),
  );
  assert.equal(within.count, (30 * 29) / 2);
  const between = finished(
    bestPairs([{ head: 0, positions, keys }], headDim, [
      [0, 20],
      [20, 30],
    ]),
  );
  assert.equal(between.count, 50);
  const cosines: number[] = [];
  for (let a = 0; a < 10; a++) for (let b = 10; b < 15; b++) cosines.push(values[a * 30 + b]);
  cosines.sort((a, b) => b - a);
  between.nearest.forEach(({ cosine, one, other }, index) => {
    assert.ok(Math.abs(cosine - cosines[index]) < 1e-6);
    assert.ok(one < 20 && other >= 20);
  });
  const mean = cosines.reduce((sum, value) => sum + value, 0) / 50;
  assert.ok(Math.abs(between.mean - mean) < 1e-6);
});

test("cosines are the products of all pairs, of an odd number of slots too", () => {
  const { keys } = sample(new Random(4), 1, 7, 1);
  const values = finished(similarityByRow(keys, 7, headDim));
  for (let a = 0; a < 7; a++)
    for (let b = 0; b < 7; b++) {
      let dot = 0;
      for (let d = 0; d < headDim; d++) dot += keys[a * headDim + d] * keys[b * headDim + d];
      assert.ok(Math.abs(values[a * 7 + b] - (a === b ? 0 : dot)) < 1e-6);
    }
});

test("steps of a slot or two say nothing where there are larger ones", () => {
  const stepOf = Int32Array.of(0, 1, ...Array.from({ length: 8 }, (_, index) => 2 + (index % 2)));
  const keys = Float32Array.from({ length: stepOf.length * 2 }, (_, index) => {
    const [slot, d] = [Math.floor(index / 2), index % 2];
    return slot < 2 ? 1 - d : stepOf[slot] === 2 ? d : 0.6 + 0.2 * d;
  });
  const means = finished(stepMeans(finished(stepSums(keys, stepOf, 1, 2)), [0], 1));
  const found = mostAlike(means);
  assert.deepEqual(found?.places, [2, 3]);
  assert.equal(found?.pairs, 16);
  assert.ok(Math.abs((found?.mean ?? 0) - 0.8) < 1e-6);
  const single = finished(stepSums(keys.subarray(0, 2), stepOf.subarray(0, 1), 1, 2));
  assert.equal(mostAlike(finished(stepMeans(single, [0], 1))), undefined);
});

test("what is said again is told by its words, each with near-duplicate keys", () => {
  const texts = [" Dan", " 24", ".", " so", " Dan", " 24", ".", " Dan", " 7", " 24"];
  const kinds = [0, 1, 2, 3, 0, 1, 2, 0, 4, 5];
  const values = Float32Array.from({ length: 100 }, (_, cell) => {
    const [a, b] = [Math.floor(cell / 10), cell % 10];
    return a !== b && kinds[a] === kinds[b] ? 0.9 : 0.1;
  });
  const positions = texts.map((_, slot) => slot + 5);
  const slots = { positions, values, textOf: (at: number) => texts[at - 5] };
  assert.deepEqual(repeats({ ...slots, threshold: 0.5 }), [{ places: [0, 4], length: 3 }]);
  assert.deepEqual(repeats({ ...slots, threshold: 0.95 }), []);
  const apart = texts.map((_, slot) => slot * 2);
  const textOf = (at: number): string => texts[at / 2];
  assert.deepEqual(repeats({ positions: apart, values, textOf, threshold: 0.5 }), [
    { places: [0, 4, 7], length: 1 },
    { places: [1, 5], length: 1 },
  ]);
});

test("steps are named as in a sentence", () => {
  const steps = [{ kind: "prompt" as const }, ...Array.from({ length: 9 }, () => thinking)];
  assert.equal(stepsNamed(steps, [4]), "step 4");
  assert.equal(stepsNamed(steps, [4, 7, 9]), "steps 4, 7 and 9");
  assert.equal(stepsNamed(steps, [0, 7]), "the prompt and step 7");
  assert.equal(stepRange(steps, [0, 3]), "the prompt to step 2");
  assert.equal(stepRange(steps, [4, 6]), "steps 4 to 5");
  assert.equal(stepRange(steps, [8, 12]), "steps 8 to 9");
  assert.equal(stepRange(steps, [9, 10]), "step 9");
  assert.equal(listed([]), "");
});

const thinking = { kind: "thinking" as const };
