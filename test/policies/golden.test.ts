import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, test } from "node:test";
import { scoreTolerance, verifyPolicies } from "../../src/engine/proof/verify";
import type { Device } from "../../src/shared/settings";
import { cannotTestWebGpu, isUnderSwiftshader, runUnderSwiftshader } from "../support/swiftshader";

const some = "test/fixtures/golden";
const all = "../shared/golden/policies";

async function assertGolden(folder: string, device: Device, cases: number): Promise<void> {
  const checks = await verifyPolicies(folder, device);
  assert.equal(checks.length, 3 * cases);
  for (const check of checks) {
    assert.ok(check.maxScoreDifference <= scoreTolerance, JSON.stringify(check));
    assert.ok(check.keptEqual, JSON.stringify(check));
  }
}

if (isUnderSwiftshader()) {
  test("scores and slots are those of the authors' code, on WebGPU", () =>
    assertGolden(some, "webgpu", 3));
} else {
  describe("scores and slots are those of the authors' code", () => {
    test("three small cases", () => assertGolden(some, "cpu", 3));
    const skip = existsSync(all) ? false : `${all} is not here`;
    test("all cases", { skip }, () => assertGolden(all, "cpu", 20));
    test("on WebGPU", { skip: cannotTestWebGpu() }, () => runUnderSwiftshader(__filename));
    test("a folder without golden vectors is refused", () =>
      assert.rejects(verifyPolicies("test/policies", "cpu"), /holds no .safetensors file/));
  });
}
