/** What a person pastes into a report: enough to understand it, nothing about who they are. */
import assert from "node:assert/strict";
import os from "node:os";
import { beforeEach, test } from "node:test";
import { showDiagnostics } from "../../src/extension/diagnostics";
import { openWindow, seen } from "../support/fakeVscode";

beforeEach(openWindow);

const folder = "/home/somebody/private models/qwen";
const info = {
  name: "qwen",
  pattern: "P1 packed GroupQueryAttention",
  dtype: "int4",
  device: "cpu" as const,
  deviceReasons: [
    { device: "webgpu" as const, error: "no adapter was found" },
    { device: "cpu" as const, stepMillis: 52 },
  ],
  layers: 28,
  queryHeads: 12,
  kvHeads: 2,
  headDim: 128,
  vocabulary: 64,
  contextLength: 32_768,
  weightBytes: 1.2e9,
  bytesPerToken: 28_672,
};

test("a loaded model is told by name, shape and device, with the devices that did not work", async () => {
  await showDiagnostics("1.2.3", { kind: "ready", folder, info }, "");
  assert.equal(seen[0]?.kind, "document");
  for (const line of [
    "- Extension: 1.2.3",
    "- VS Code: 1.127.0",
    `- Node: ${process.version}`,
    "- Runs on: this machine",
    "- Pattern: P1 packed GroupQueryAttention",
    "  - WebGPU: no adapter was found",
    "  - CPU: 52 ms a step",
    "- Shape: 28 layers, 12 query heads, 2 KV heads of 128",
    "- Context: 32768 tokens",
    "- Weights: 1.2 GB",
    "- Cache per token: 29 kB",
  ])
    assert.ok(seen[0].text.split("\n").includes(line), `${line} in ${seen[0].text}`);
});

test("neither this machine's name, nor its folders, nor the model's folder is in it", async () => {
  await showDiagnostics("1.2.3", { kind: "ready", folder, info }, "");
  for (const secret of [os.hostname(), os.homedir(), process.cwd(), folder])
    assert.ok(!seen[0]?.text.includes(secret), secret);
});

test("without a model it says so, and a failed one says why", async () => {
  await showDiagnostics("1.2.3", { kind: "idle" }, "");
  assert.match(seen[0]?.text ?? "", /## Model\n\nNone is loaded\./);
  const message = "The engine was stopped because it made no progress for 65 s.";
  await showDiagnostics("1.2.3", { kind: "failed", folder, message }, "");
  assert.ok(seen[1]?.text.includes(message));
});

test("folders of the person's own begin with ~, wherever they are named", async () => {
  const own = `${os.homedir()}/models/qwen`;
  const message = `There is no config.json in ${own}.`;
  await showDiagnostics("1.2.3", { kind: "failed", folder: own, message }, `could not read ${own}`);
  await showDiagnostics("1.2.3", { kind: "loading", folder: own, stage: "read" }, "");
  for (const { text } of seen) assert.ok(!text.includes(os.homedir()) && text.includes("~/models"));
  assert.equal(seen.length, 2);
});

test("the engine's last words stand at the end, or that there are none", async () => {
  await showDiagnostics("1.2.3", { kind: "idle" }, "first\nlast words\n");
  assert.ok(seen[0]?.text.endsWith("```text\nfirst\nlast words\n```"));
  await showDiagnostics("1.2.3", { kind: "idle" }, "");
  assert.ok(seen[1]?.text.endsWith("```text\nnone\n```"));
});
