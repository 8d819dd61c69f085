import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { scoreTolerance } from "../../src/engine/proof/goldenDecision";
import { verifyPolicies } from "../../src/engine/proof/verify";
import type { Device } from "../../src/shared/settings/settings";
import { cannotTestWebGpu, isUnderSwiftshader, runUnderSwiftshader } from "../support/swiftshader";

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

if (isUnderSwiftshader()) {
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
