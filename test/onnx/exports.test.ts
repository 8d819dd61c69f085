/** Every export of the fixtures gives the stock logits after its rewrite, or is refused by name. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { checkModelFile } from "../../src/engine/check";
import { ModelRefused } from "../../src/onnx/modelRefused";
import type { Device } from "../../src/shared/settings";
import { cannotTestWebGpu, isUnderSwiftshader, runUnderSwiftshader } from "../support/swiftshader";

const refused: Record<string, RegExp> = {
  "genai-qwen2-fp32-cuda": /“\/model\/layers\.0\/attn\/Attention” .* no node produces/,
  "genai-smollm3-int4-cpu-v092":
    /“\/model\/layers\.3\/attn\/k_rotary\/RotaryEmbedding” .* empty input/,
};

function exportsIn(folder: string): { name: string; modelFile: string }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => ({ name, modelFile: path.join(folder, name, "model.onnx") }))
    .filter(({ modelFile }) => existsSync(modelFile));
}

/** Float16 and int4 graphs round in the middle, and differently for one chunk than for many. */
function tolerance(dtype: string | undefined): number {
  return dtype === "fp32" ? 1e-5 : 5e-3;
}

const shared = "../shared/fixtures/exports";
const exports = [...exportsIn("test/fixtures/exports"), ...exportsIn(shared)];

function checkAll(device: Device): void {
  for (const { name, modelFile } of exports)
    test(`${modelFile} on ${device}`, async () => {
      if (refused[name])
        return assert.rejects(checkModelFile(modelFile, device), (error: Error) => {
          assert.ok(error instanceof ModelRefused);
          assert.match(error.message, refused[name]);
          return true;
        });
      const report = await checkModelFile(modelFile, device);
      const largest = tolerance(report.dtype);
      assert.ok(
        report.maxLogitDifference! <= largest,
        `logits differ by ${report.maxLogitDifference}`,
      );
      assert.ok(
        (report.maxShiftDifference ?? 0) <= largest,
        `a shift changes ${report.maxShiftDifference}`,
      );
    });
}

if (isUnderSwiftshader()) checkAll("webgpu");
else {
  checkAll("cpu");
  test("the same on WebGPU", { skip: cannotTestWebGpu() }, () => runUnderSwiftshader(__filename));
  test(
    "all exports of the shared fixtures are there",
    {
      skip: existsSync(shared)
        ? false
        : `${shared} is absent: only the copies in test/fixtures were checked`,
    },
    () => assert.equal(exportsIn(shared).length, 24),
  );
}
