/** What the cache relies on: evicting is forgetting, rows of a batch are strangers, positions are free. */
import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { floatsOf, int64s, Session } from "../../../src/engine/runtime/runtime";
import { intAttribute } from "../../../src/onnx/graph/graphView";
import { ModelProtoSchema, type NodeProto } from "../../../src/onnx/proto/onnx_pb";
import { referenceGraph } from "../../../src/onnx/rewrite/referenceGraph";
import { rewriteModel } from "../../../src/onnx/rewrite/rewriteModel";
import { BlocksDriver, largestDifference } from "../../support/onnx/blocksDriver";
import { tinyExport } from "../../support/onnx/tinyExports";

const modelFile = "test/fixtures/exports/optimum-qwen2/model.onnx";
const prompt = [3, 141, 59, 26, 5, 35, 8, 97, 93, 23];
const next = 84;

function keepSlots(rows: Record<string, Float32Array>, slots: number[], width: number) {
  return Object.fromEntries(
    Object.entries(rows).map(([name, block]) => {
      const kept = slots.flatMap((slot) => [...block.subarray(slot * width, (slot + 1) * width)]);
      return [name, Float32Array.from(kept)];
    }),
  );
}

test("evicting slots gives what masking them gives", async () => {
  const driver = await BlocksDriver.open(modelFile);
  const { rows } = await driver.step({ ids: [prompt], position: 0 });
  const step = { ids: [[next]], position: prompt.length };
  const kept = keepSlots(rows, [0, 2, 3, 6, 7, 9], driver.model.kvHeads * driver.model.headDim);

  const masked = await driver.step({ ...step, buffer: rows, hidden: [1, 4, 5, 8] });
  const evicted = await driver.step({ ...step, retained: kept });
  const whole = await driver.step({ ...step, buffer: rows });

  assert.ok(largestDifference(masked.logits, evicted.logits) <= 1e-5);
  assert.ok(largestDifference(whole.logits, evicted.logits) > 1e-3, "the evicted tokens mattered");
  await driver.dispose();
});

test("slots may lie in the retained block or in the buffer", async () => {
  const driver = await BlocksDriver.open(modelFile);
  const { rows } = await driver.step({ ids: [prompt], position: 0 });
  const width = driver.model.kvHeads * driver.model.headDim;
  const step = { ids: [[next, 62, 64]], position: prompt.length };

  const [first, rest] = [
    [0, 1, 2, 3],
    [4, 5, 6, 7, 8, 9],
  ];
  const split = await driver.step({
    ...step,
    retained: keepSlots(rows, first, width),
    buffer: keepSlots(rows, rest, width),
  });
  const together = await driver.step({ ...step, buffer: rows });

  assert.ok(largestDifference(split.logits, together.logits) <= 1e-5);
  await driver.dispose();
});

test("each row of a batch computes what it computes alone", async () => {
  const driver = await BlocksDriver.open(modelFile);
  const chains = [prompt, [...prompt].reverse()];
  const both = await driver.step({ ids: chains, position: 4 });
  const after = await driver.step({ ids: [[7], [9]], position: 14, buffer: both.rows });

  for (const [row, ids] of chains.entries()) {
    const alone = await driver.step({ ids: [ids], position: 4 });
    const then = await driver.step({
      ids: [[7, 9].slice(row, row + 1)],
      position: 14,
      buffer: alone.rows,
    });
    const { vocabulary } = driver.model;
    const own = after.logits.subarray(row * vocabulary, (row + 1) * vocabulary);
    assert.ok(largestDifference(own, then.logits) <= 1e-5);
  }
  await driver.dispose();
});

test("queries come out rotated, one per query head and token", async () => {
  const driver = await BlocksDriver.open(modelFile);
  const { queryHeads, headDim } = driver.model;
  const here = await driver.step({ ids: [[next]], position: 0 });
  const there = await driver.step({ ids: [[next]], position: 9 });
  assert.equal(here.queries["0"].length, queryHeads * headDim);
  const length = (v: Float32Array) => Math.hypot(...v.subarray(0, headDim));
  assert.ok(Math.abs(length(here.queries["0"]) - length(there.queries["0"])) <= 1e-5);
  assert.ok(largestDifference(here.queries["0"], there.queries["0"]) > 1e-3);
  await driver.dispose();
});

test("a rewritten graph leaves the weights in the model's file", async () => {
  const { graph } = await rewriteModel({ modelFile, layout: "blocks" });
  const { size } = await stat(modelFile);
  assert.ok(graph.length < size / 5, `${graph.length} of ${size} bytes`);
});

/** How often each operator occurs in an export's graph for the GPU. */
async function operatorsOnGpu(name: string): Promise<Map<string, NodeProto[]>> {
  const modelFile = `test/fixtures/exports/${name}/model.onnx`;
  const { graph } = await rewriteModel({ modelFile, layout: "in-place" });
  const nodes = new Map<string, NodeProto[]>();
  for (const node of fromBinary(ModelProtoSchema, graph).graph?.node ?? [])
    nodes.set(node.opType, [...(nodes.get(node.opType) ?? []), node]);
  return nodes;
}

for (const [name, norms] of [
  ["optimum-llama", 2],
  ["optimum-qwen2", 2],
  ["optimum-qwen2-dyn23", 2],
  ["optimum-qwen3", 4],
] as const)
  test(`a GPU gets the norms and the rotary of ${name} inside others`, async () => {
    const nodes = await operatorsOnGpu(name);
    const layers = 2;
    const [alone, afterSum] = [
      nodes.get("SimplifiedLayerNormalization"),
      nodes.get("SkipSimplifiedLayerNormalization"),
    ];
    assert.equal(afterSum?.length, 2 * layers);
    assert.equal(alone?.length, 1);
    const attention = nodes.get("GroupQueryAttention") ?? [];
    assert.deepEqual(
      attention.map((node) => intAttribute(node, "do_rotary", 0)),
      [1, 1],
    );
    const isPacked = attention.every(({ input: [, key, value] }) => !key && !value);
    const isNormed = attention.every(({ input: [...inputs] }) => inputs[14] && inputs[15]);
    assert.deepEqual([isPacked, isNormed], [norms === 2, norms === 4]);
    for (const written of [
      "Pow",
      "Neg",
      "Transpose",
      "RMSNormalization",
      "RotaryEmbedding",
      "Cos",
      "Sin",
    ])
      assert.equal(nodes.get(written)?.length, undefined, written);
  });

test("a GPU's int4 products take float32 activations whole, and float16 ones as exported", async () => {
  for (const [name, levels] of [
    ["genai-llama-int4-cpu", 0],
    ["genai-qwen2-int4-webgpu", 11],
  ] as const) {
    const products = (await operatorsOnGpu(name)).get("MatMulNBits") ?? [];
    const levelled = products.filter(({ attribute }) =>
      attribute.some((each) => each.name === "accuracy_level" && each.i === 4n),
    );
    assert.ok(products.length > 0);
    assert.equal(levelled.length, levels, name);
  }
});

for (const [name, type] of [
  ["genai-qwen2-int4-cpu", "float32"],
  ["genai-qwen2-int4-webgpu", "float16"],
  ["genai-qwen3-int4-dml", "float16"],
  ["optimum-qwen3", "float32"],
] as const)
  test(`the attention of ${name} is given angles of its own type, turned by position`, async () => {
    const modelFile = `test/fixtures/exports/${name}/model.onnx`;
    const request = { modelFile, layout: "in-place" } as const;
    const { angles: bytes, decoder, weightsFolder } = await rewriteModel(request);
    assert.ok(bytes && decoder.slotRotary);
    assert.equal(decoder.cacheType, type);
    const session = await Session.create({ bytes, weightsFolder }, "cpu", 1);
    const positions = int64s([0, 1, 40], [1, 3]);
    const angles = await session.run({ position_ids: positions }, session.outputNames);
    await session.dispose();
    for (const name of ["slot_cos", "slot_sin"]) {
      assert.deepEqual(angles[name].dims, [3, decoder.headDim / 2]);
      assert.equal(angles[name].type, type);
    }
    assert.equal(angles.query_norm?.type, decoder.slotRotary.normEpsilon && type);
    if (type === "float16") return;
    const [cos, sin] = [floatsOf(angles.slot_cos), floatsOf(angles.slot_sin)];
    const fastest = [0, decoder.headDim / 2, decoder.headDim];
    const turn = fastest.map((place) => Math.atan2(sin[place], cos[place]));
    const full = 2 * Math.PI;
    [0, 1, 40 - Math.round(40 / full) * full].forEach((angle, i) =>
      assert.ok(Math.abs(turn[i] - angle) < 1e-5),
    );
  });

test("a GPU's products of query, key and value are one, and int4 products add their biases", async () => {
  const joined = await operatorsOnGpu("optimum-qwen2");
  const [layers, perLayer, head] = [2, 5, 1];
  assert.equal(joined.get("MatMul")?.length, layers * perLayer + head);
  assert.equal(joined.get("Add")?.length, layers);
  const int4 = await operatorsOnGpu("genai-qwen2-int4-cpu");
  const biased = int4.get("MatMulNBits")?.filter(({ input }) => input[5]);
  assert.equal(biased?.length, layers);
  assert.equal(int4.get("Add"), undefined);
});

for (const [form, rows] of [
  ["late norms", 256],
  ["no rotary", undefined],
] as const)
  test(`the rotary table of an export with ${form} ends at ${rows ?? "no position"}`, async (t) => {
    const folder = await mkdtemp(path.join(tmpdir(), "rkv-lens-rotary-"));
    t.after(() => rm(folder, { recursive: true }));
    const modelFile = path.join(folder, "model.onnx");
    await writeFile(modelFile, tinyExport(form));
    const { decoder } = await rewriteModel({ modelFile, layout: "blocks" });
    assert.equal(decoder.rotaryRows, rows);
  });

/** An If over two tables, and the two joined into one (P6, P7). */
for (const name of ["genai-phi3-int4-cpu", "genai-phi3-int4-dml"]) {
  const modelFile = `test/fixtures/exports/${name}/model.onnx`;
  const title =
    "two-table rotary switches by position: short and long prompts give the stock logits";
  test(`${title}, ${name}`, async () => {
    const driver = await BlocksDriver.open(modelFile);
    const { headDim, vocabulary } = driver.model;
    const stock = await Session.create(await referenceGraph(modelFile, headDim, "cpu"), "cpu");
    for (const length of [100, 128, 129, 200]) {
      const ids = Array.from({ length }, (_, i) => (i * 37) % 500);
      const row = (values: number[]) => int64s(values, [1, length]);
      const inputs = {
        input_ids: row(ids),
        attention_mask: row(ids.map(() => 1)),
        position_ids: row(ids.map((_, i) => i)),
      };
      const given = Object.entries(inputs).filter(([name]) => stock.inputNames.includes(name));
      const outputs = await stock.run(Object.fromEntries(given), ["float_logits"]);
      const expected = floatsOf(outputs.float_logits).slice(-vocabulary);
      const { logits } = await driver.step({ ids: [ids], position: 0 });
      assert.ok(largestDifference(logits, expected) <= 5e-3, `at ${length} tokens`);
    }
    await stock.dispose();
    await driver.dispose();
  });
}
