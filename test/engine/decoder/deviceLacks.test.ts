/** ONNX Runtime's own words, as 1.30.0 said them on a machine that lacked the thing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { whatItLacks } from "../../../src/engine/decoder/deviceLacks";

const told: [words: string, expected: RegExp][] = [
  [
    "Non-zero status code returned while running Expand node. Name:'Expand/Expand_1' Status Message: shader_helper.cc:416 GenerateSourceCode Program Expand requires f16 but the device does not support it.",
    /^Its shaders have no 16-bit floats/,
  ],
  [
    "/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:136 adapter_result.status == wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters",
    /^There is no graphics device that WebGPU can use/,
  ],
  [
    "OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library",
    /is not installed here/,
  ],
  ["no available backend found. ERR: [dml] backend not found.", /is not installed here/],
  ["bad_alloc", /too little memory/],
];

test("what a device lacks is told in words, with what to do instead", () => {
  for (const [words, expected] of told) {
    const sentence = whatItLacks(new Error(words));
    assert.match(sentence, expected);
    assert.match(sentence, /: (choose|install)/);
  }
});

test("a reason that is not known is told as it came", () => {
  assert.equal(whatItLacks(new Error("It computes numbers.")), "It computes numbers.");
});
