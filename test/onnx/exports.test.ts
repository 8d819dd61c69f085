/** Every export of the fixtures gives the stock logits after its rewrite, or is refused by name. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { checkModelFile } from "../../src/engine/proof/check";
import { ModelRefused } from "../../src/onnx/modelRefused";
import type { Device } from "../../src/shared/settings/settings";
import { tinyExport, type TinyForm } from "../support/onnx/tinyExports";
import { cannotTestWebGpu, isUnderSwiftshader, runUnderSwiftshader } from "../support/swiftshader";

const refused: Record<string, RegExp> = {
  "genai-qwen2-fp32-cuda": /“\/model\/layers\.0\/attn\/Attention” .* no node produces/,
  "genai-smollm3-int4-cpu-v092":
    /“\/model\/layers\.3\/attn\/k_rotary\/RotaryEmbedding” .* empty input/,
};

const folder = "test/fixtures/exports";
const fixtures = readdirSync(folder).map((name) => ({
  name,
  modelFile: path.join(folder, name, "model.onnx"),
}));

/** Float16 and int4 graphs round in the middle, and differently for one chunk than for many. */
function tolerance(dtype: string | undefined): number {
  return dtype === "fp32" ? 1e-5 : 5e-3;
}

/** Positions further on read other entries of a rotary table that float16 has rounded. */
const shiftTolerance = 2e-2;

/** Its attention ignores softcaps there (onnxruntime 1.30), without an error of its own. */
const refusedOnWebGpu: Record<string, RegExp> = { "genai-gemma2-int4-cpu": /softcap.*use the CPU/ };

/** The stock graph's own float16 needs a device that has it. */
const needsHalf = /shaders have no 16-bit floats/;

/** What no fixture shows. */
const tiny: Record<TinyForm, RegExp> = {
  sinks: /^P11 /,
  casts: /^P11 /,
  "multi-head": /^P15 /,
  "late norms": /^P3 /,
  "no rotary": /^P3 /,
};
const tinyFolder = mkdtempSync(path.join(tmpdir(), "rkv-lens-exports-"));
after(() => rmSync(tinyFolder, { recursive: true }));
const tinyExports = (Object.keys(tiny) as TinyForm[]).map((form) => {
  const modelFile = path.join(tinyFolder, `${form}.onnx`);
  writeFileSync(modelFile, tinyExport(form));
  return { name: form, modelFile };
});

function checkAll(device: Device, exports: { name: string; modelFile: string }[]): void {
  for (const { name, modelFile } of exports)
    test(`${name} on ${device}`, async (t) => {
      const reason = (device === "webgpu" && refusedOnWebGpu[name]) || refused[name];
      if (reason)
        return assert.rejects(checkModelFile(modelFile, device), (error: Error) => {
          assert.ok(error instanceof ModelRefused);
          assert.match(error.message, reason);
          return true;
        });
      const report = await checkModelFile(modelFile, device).catch((error: Error) => error);
      if (report instanceof Error) {
        if (needsHalf.test(report.message)) return t.skip("SwiftShader has no float16");
        throw report;
      }
      if (name in tiny) assert.match(report.pattern ?? "", tiny[name as TinyForm]);
      const largest = tolerance(report.dtype);
      const { maxLogitDifference = NaN, maxShiftDifference = 0 } = report;
      assert.ok(maxLogitDifference <= largest, `logits differ by ${maxLogitDifference}`);
      const largestShift = report.dtype === "fp32" ? 1e-4 : shiftTolerance;
      assert.ok(maxShiftDifference <= largestShift, `a shift changes ${maxShiftDifference}`);
    });
}

if (isUnderSwiftshader()) {
  // Of the tiny ones, only sinks leave something in the rewritten graph that the others do not.
  checkAll("webgpu", [...fixtures, ...tinyExports.filter(({ name }) => name === "sinks")]);
} else {
  checkAll("cpu", [...fixtures, ...tinyExports]);
  test("the same on WebGPU", { skip: cannotTestWebGpu() }, () => runUnderSwiftshader(__filename));
  test("all exports are there", () => assert.equal(fixtures.length, 24));
}
