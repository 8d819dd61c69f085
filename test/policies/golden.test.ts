import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { byPosition, Scorer } from "../../src/engine/compaction/scorer";
import { scoreTolerance } from "../../src/engine/proof/goldenDecision";
import { verifyPolicies } from "../../src/engine/proof/verify";
import { float32s } from "../../src/engine/runtime/runtime";
import { Random } from "../../src/shared/random";
import { defaultCacheSettings, type Device } from "../../src/shared/settings/settings";
import { cannotTestWebGpu, isUnderSwiftshader, runUnderSwiftshader } from "../support/swiftshader";
import { largestDifference } from "../support/toyDecoder";

async function assertDecisions(device: Device): Promise<void> {
  const checks = await verifyPolicies("test/fixtures/golden", device);
  assert.equal(checks.length, 3 * 9);
  for (const check of checks) {
    assert.ok((check.maxScoreDifference ?? NaN) <= scoreTolerance, JSON.stringify(check));
    assert.ok(check.keptEqual, JSON.stringify(check));
  }
}

async function assertRuns(device: Device): Promise<void> {
  const checks = await verifyPolicies("test/fixtures/sequences", device);
  assert.equal(checks.length, 8 * 9 * 2, "cases, compactions and policies");
  for (const check of checks) assert.ok(check.keptEqual, JSON.stringify(check));
}

/** R-KV's scores of 20 groups of like keys. */
async function scoresOfMany(device: Device, heads: number, slots: number): Promise<Float32Array> {
  const [window, headDim] = [4, 16];
  const random = new Random(4);
  const noise = (size: number) => Float32Array.from({ length: size }, () => random.next() - 0.5);
  const groups = Array.from({ length: 20 }, () => noise(headDim));
  const keys = noise(heads * slots * headDim).map(
    (number, i) => number / 20 + groups[Math.floor(i / headDim) % groups.length][i % headDim],
  );
  const contents = {
    attention: { scale: 0.25, softcap: 0 },
    slots,
    capacity: slots,
    order: byPosition(heads, slots),
    keys: () => float32s(keys, [heads, slots, headDim]),
    noise: () => new Float32Array(),
  };
  const dims = [heads, 1, window, headDim] as const;
  const queries = float32s(noise(heads * window * headDim), dims);
  const settings = { ...defaultCacheSettings, observationWindow: window };
  const scorer = new Scorer(device, "float32");
  const [{ scores }] = await scorer.score([contents], { dims, tensor: () => queries }, settings);
  await scorer.dispose();
  return scores;
}

if (isUnderSwiftshader()) {
  for (const [way, heads, slots] of [
    ["all cosines of four heads at a time", 5, 1500],
    ["block by block", 1, 2100],
  ] as const)
    test(`a long cache is scored on WebGPU as on the CPU: ${way}`, async () => {
      const here = await scoresOfMany("webgpu", heads, slots);
      const there = await scoresOfMany("cpu", heads, slots);
      assert.ok(largestDifference(here, there) <= scoreTolerance);
    });
  test("scores and slots are those of the authors' code, on WebGPU", () =>
    assertDecisions("webgpu"));
  test("compaction after compaction, on WebGPU", () => assertRuns("webgpu"));
} else {
  describe("what is retained is what the authors' code retains", () => {
    test("in one decision, scores included", () => assertDecisions("cpu"));
    test("compaction after compaction", () => assertRuns("cpu"));
    test("on WebGPU", { skip: cannotTestWebGpu() }, () => runUnderSwiftshader(__filename));
    test("a folder without golden vectors is refused", () =>
      assert.rejects(verifyPolicies("test/policies", "cpu"), /holds no .safetensors file/));
  });
}
