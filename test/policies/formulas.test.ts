import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { float32s } from "../../src/engine/runtime/runtime";
import { byPosition, Scorer, type LayerScores } from "../../src/engine/compaction/scorer";
import { selectSlots } from "../../src/engine/compaction/selection";
import { Random } from "../../src/shared/random";
import type { CacheSettings } from "../../src/shared/settings/settings";
import { cacheSettings } from "../support/toyDecoder";

const [headDim, window] = [16, 4];
const scorer = new Scorer("cpu", "float32");
after(() => scorer.dispose());

type Vectors = number[][];

function vectors(count: number, seed: number): Vectors {
  const random = new Random(seed);
  return Array.from({ length: count }, () =>
    Array.from({ length: headDim }, () => random.next() - 0.5),
  );
}

/** Scores of one head with one query head. */
async function score(
  keys: Vectors,
  changed: Partial<CacheSettings>,
  softcap = 0,
): Promise<LayerScores> {
  const tensor = (rows: Vectors, ...dims: number[]) =>
    float32s(Float32Array.from(rows.flat()), [1, ...dims, rows.length, headDim]);
  const candidates = keys.length - window;
  const contents = {
    attention: { scale: 0.25, softcap },
    slots: keys.length,
    capacity: keys.length,
    order: byPosition(1, keys.length),
    keys: () => tensor(keys),
    noise: () => new Float32Array(candidates).fill(0.5),
  };
  const votes = { dims: [1, 1, window, headDim], tensor: () => tensor(queries, 1) } as const;
  const settings = cacheSettings({ observationWindow: window, ...changed });
  const [scores] = await scorer.score([contents], votes, settings);
  return scores;
}

const queries = vectors(window, 1);
const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const unit = (a: number[]) => a.map((x) => x / Math.sqrt(dot(a, a)));

function assertNear(actual: Float32Array, expected: number[]): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => assert.ok(Math.abs(actual[i] - value) < 1e-5, `at ${i}`));
}

describe("policies", () => {
  test("snapkv: softmax over the candidates, mean over queries, max over 7, softcap and all", async () => {
    const keys = vectors(30, 2);
    const attention = queries.map((query) => {
      const logits = keys
        .slice(0, -window)
        .map((key) => 2 * Math.tanh((dot(query, key) * 0.25) / 2));
      const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
      return logits.map((logit) => Math.exp(logit) / sum);
    });
    const mean = attention[0].map((_, i) => attention.reduce((s, row) => s + row[i], 0) / window);
    const pooled = mean.map((_, i) => Math.max(...mean.slice(Math.max(0, i - 3), i + 4)));
    assertNear((await score(keys, { policy: "snapkv" }, 2)).scores, pooled);
  });

  test("keydiff: minus the cosine with the mean direction", async () => {
    const keys = vectors(20, 3).map(unit);
    const anchor = unit(keys[0].map((_, d) => keys.reduce((sum, key) => sum + key[d], 0)));
    const expected = keys.slice(0, -window).map((key) => -dot(key, anchor));
    assertNear((await score(keys, { policy: "keydiff" })).scores, expected);
  });

  test("streaming-llm: the first four, then the newer the better", async () => {
    const { scores } = await score(vectors(12, 4), { policy: "streaming-llm" });
    const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
    assert.deepEqual(order, [0, 1, 2, 3, 7, 6, 5, 4]);
  });

  test("rkv with λ = 1 is importance, and with λ = 0 it is redundancy upside down", async () => {
    const keys = vectors(300, 5);
    const [one, zero] = [await score(keys, { lambda: 1 }), await score(keys, { lambda: 0 })];
    const part = ({ parts }: LayerScores, name: string) =>
      parts.find((each) => each.name === name)?.values ?? new Float32Array(0);
    assertNear(one.scores, [...part(one, "importance")]);
    assertNear(
      zero.scores,
      [...part(zero, "redundancy")].map((r) => -r),
    );
  });

  /** Column means of the cosines, of which each row spares the newest that is above the threshold. */
  function redundancyOf(keys: Vectors, threshold: number): number[] {
    const units = keys.map(unit);
    const sums = keys.map(() => 0);
    units.forEach((key, row) => {
      const cosines = units.map((other, column) => (row === column ? 0 : dot(key, other)));
      cosines[
        Math.max(
          0,
          cosines.findLastIndex((cosine) => cosine > threshold),
        )
      ] = 0;
      cosines.forEach((cosine, column) => (sums[column] += cosine));
    });
    const weights = sums.map((sum) => Math.exp(sum / keys.length));
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.slice(0, -window).map((weight) => weight / total);
  }

  for (const threshold of [-0.5, 0.3, 0.7, 0.95])
    test(`rkv's redundancy is that of its formula, keys similar above ${threshold}`, async () => {
      const topics = vectors(9, 8);
      const keys = vectors(301, 9).map((key, i) => key.map((x, d) => x + topics[i % 9][d]));
      const { scores } = await score(keys, { lambda: 0, similarityThreshold: threshold });
      redundancyOf(keys, threshold).forEach((expected, i) =>
        assert.ok(Math.abs(-scores[i] - expected) < 1e-8, `slot ${i}`),
      );
    });

  for (const slots of [5, 31, 32, 33, 255, 256, 257, 512, 700])
    test(`rkv's redundancy is that of its formula for ${slots} slots`, async () => {
      const topics = vectors(40, 10);
      const keys = vectors(slots, 11).map((key, i) => key.map((x, d) => x + topics[i % 40][d]));
      const { scores } = await score(keys, { lambda: 0, similarityThreshold: 0.6 });
      redundancyOf(keys, 0.6).forEach((expected, i) =>
        assert.ok(Math.abs(-scores[i] - expected) < 1e-7, `slot ${i}`),
      );
    });

  test("rkv evicts the older of identical keys, and so across blocks of 256 rows", async () => {
    const keys = vectors(600, 6);
    for (const copy of [100, 280, 520]) keys[copy] = keys[10];
    const { parts } = await score(keys, { lambda: 0 });
    const redundancy = parts.find(({ name }) => name === "redundancy")?.values ?? [];
    assert.ok(redundancy[10] > redundancy[520]);
    assert.ok(redundancy[100] > redundancy[520]);
    assert.ok(redundancy[280] > redundancy[520]);
  });

  test("rkv counts as duplicates what is more alike than the threshold", async () => {
    const keys = vectors(40, 7);
    for (const copy of [12, 20]) keys[copy] = keys[5];
    const [strict, blind] = [
      await score(keys, { lambda: 0, similarityThreshold: 0.9 }),
      await score(keys, { lambda: 0, similarityThreshold: 1 }),
    ];
    assert.ok(strict.scores[20] > strict.scores[12], "the newest copy is spared most");
    assert.ok(strict.scores[12] > strict.scores[5]);
    for (const copy of [12, 20])
      assert.ok(Math.abs(blind.scores[copy] - blind.scores[5]) < 1e-6, "nothing is above 1");
  });
});

test("of equal scores the newer slot is retained", () => {
  const input = { candidates: 6, window: 2, budget: 5, pinned: [0] };
  const { slots } = selectSlots({ ...input, scores: new Float32Array(6) });
  assert.deepEqual([...slots], [3, 4, 5, 6, 7]);
});
