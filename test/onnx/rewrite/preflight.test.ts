/** Sizes that a model file declares are held against its bytes before onnxruntime believes them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cp, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { create, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { attribute } from "../../../src/onnx/graph/graphView";
import {
  ModelProtoSchema,
  SparseTensorProtoSchema,
  StringStringEntryProtoSchema,
  TensorProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
} from "../../../src/onnx/proto/onnx_pb";
import { ModelRefused } from "../../../src/onnx/modelRefused";
import { rewriteModel } from "../../../src/onnx/rewrite/rewriteModel";
import { changed, external, folderFor, refusal } from "../../support/onnx/changedExport";

const quantized = "test/fixtures/exports/genai-qwen3-int4-webgpu";

function nodeOf({ graph }: ModelProto, opType: string): NodeProto {
  const found = graph?.node.find((node) => node.opType === opType);
  assert.ok(found);
  return found;
}

function weightOf(graph: GraphProto | undefined, node: NodeProto, place: number): TensorProto {
  const found = graph?.initializer.find(({ name }) => name === node.input[place]);
  assert.ok(found, node.input[place]);
  return found;
}

/** Attributes that onnxruntime 1.30 dies of, or that no such operator can have. */
const wrongAttributes: [opType: string, name: string, value: bigint, reason: RegExp][] = [
  ["MatMulNBits", "N", 4096n, /weights of \d+ bytes where its attributes ask for \d+/],
  ["MatMulNBits", "N", 0n, /N 0 where/],
  ["MatMulNBits", "K", 1n << 40n, /K \d+ where/],
  ["MatMulNBits", "K", 31n, /weights of \d+ bytes/],
  ["MatMulNBits", "bits", 0n, /bits 0 where 2 to 8 would be right/],
  ["MatMulNBits", "bits", 9n, /bits 9 where/],
  ["MatMulNBits", "bits", 8n, /weights of \d+ bytes/],
  ["MatMulNBits", "block_size", 0n, /block_size 0 where/],
  ["MatMulNBits", "block_size", 33n, /a block_size of 33/],
  ["MatMulNBits", "block_size", 16n, /(weights|scales)/],
  ["MatMulNBits", "accuracy_level", -3n, /accuracy_level -3/],
  ["GatherBlockQuantized", "bits", 0n, /bits 0 where 2 to 8 would be right/],
  ["GatherBlockQuantized", "bits", 8n, /weights and scales for/],
  ["GatherBlockQuantized", "block_size", 128n, /weights and scales for/],
  ["GatherBlockQuantized", "quantize_axis", 7n, /quantize_axis 7 where/],
  ["GatherBlockQuantized", "gather_axis", -9n, /gather_axis -9 where/],
];

for (const [opType, name, value, reason] of wrongAttributes)
  test(`${opType} with ${name} ${value} is refused by node`, async (t) => {
    const edit = (model: ModelProto) => {
      attribute(nodeOf(model, opType), name)!.i = value;
    };
    await refusal(await changed(t, edit, quantized), reason);
  });

/** A weight that agrees with its own bytes, and not with the operator. */
const wrongWeights: [opType: string, place: number, reason: RegExp][] = [
  ["MatMulNBits", 1, /weights of \d+ bytes/],
  ["MatMulNBits", 2, /\d+ scales where/],
  ["GatherBlockQuantized", 2, /weights and scales for/],
];

for (const [opType, place, reason] of wrongWeights)
  test(`${opType} with a short input ${place} is refused by node`, async (t) => {
    const edit = (model: ModelProto) => {
      const weight = weightOf(model.graph, nodeOf(model, opType), place);
      weight.dims[0] /= 2n;
      const length = weight.externalData.find(({ key }) => key === "length");
      if (length) length.value = String(Number(length.value) / 2);
      else weight.rawData = weight.rawData.subarray(0, weight.rawData.length / 2);
    };
    await refusal(await changed(t, edit, quantized), reason);
  });

test("zero points are counted too", async (t) => {
  const edit = (model: ModelProto) => {
    const [first, ...others] = model.graph!.node.filter(({ opType }) => opType === "MatMulNBits");
    const scales = weightOf(model.graph, first, 2).dims.join();
    const other = others.find((node) => weightOf(model.graph, node, 2).dims.join() !== scales)!;
    first.input[3] = other.input[2];
  };
  await refusal(await changed(t, edit, quantized), /\d+ zero points where its scales ask for/);
});

test("weights that are computed, where their size cannot be known, are refused", async (t) => {
  const edit = (model: ModelProto) => {
    nodeOf(model, "MatMulNBits").input[1] = "input_ids";
  };
  await refusal(await changed(t, edit, quantized), /weights that are computed/);
});

test("an operator called like what every object has is refused as any other", async (t) => {
  for (const name of ["__proto__", "constructor"]) {
    const edit = ({ graph }: ModelProto) => {
      graph!.node[0].opType = name;
    };
    const modelFile = await changed(t, edit);
    await rewriteModel({ modelFile, layout: "blocks" }).catch((error: unknown) =>
      assert.ok(error instanceof ModelRefused, String(error)),
    );
  }
});

const sparse = () =>
  create(SparseTensorProtoSchema, {
    values: create(TensorProtoSchema, { name: "s", dataType: 1, dims: [1n], floatData: [1] }),
    indices: create(TensorProtoSchema, { dataType: 7, dims: [1n], int64Data: [1n << 60n] }),
    dims: [1n << 31n],
  });

test("sparse weights are refused, as weights and as constants", async (t) => {
  const asWeight = await changed(t, ({ graph }) => graph!.sparseInitializer.push(sparse()));
  const asConstant = await changed(t, ({ graph }) => {
    const { attribute } = graph!.node.find((node) => node.opType === "Constant")!;
    Object.assign(attribute[0], { name: "sparse_value", t: undefined, sparseTensor: sparse() });
  });
  for (const modelFile of [asWeight, asConstant]) await refusal(modelFile, /stored as a sparse/);
});

/** As parts of a small weight that takes the place of a large one. */
const wrongInline: Record<string, MessageInitShape<typeof TensorProtoSchema>> = {
  "fewer floats than its shape": { dims: [64n, 64n], floatData: [1, 2, 3], dataType: 1 },
  "no data at all": { dims: [1n << 33n], dataType: 1 },
  "data in two forms": { dims: [1n], floatData: [1], rawData: new Uint8Array(4), dataType: 1 },
  "an unknown type": { dims: [4n], rawData: new Uint8Array(4), dataType: 99 },
  "more dimensions than any weight": {
    dims: Array<bigint>(9).fill(1n),
    floatData: [1],
    dataType: 1,
  },
  "a size below nothing": { dims: [-1n], dataType: 1 },
};

for (const [what, weight] of Object.entries(wrongInline))
  test(`a weight with ${what} is refused`, async (t) => {
    const edit = ({ graph }: ModelProto) => {
      graph!.initializer.push(create(TensorProtoSchema, Object.assign(weight, { name: "w" })));
    };
    await refusal(await changed(t, edit), /“w” holds \S+ bytes where its shape asks for/);
  });

test("a second place for a weight is never passed on to onnxruntime, which would take the last", async (t) => {
  const modelFile = await changed(t, ({ graph }) => {
    const { externalData } = graph!.initializer.find((weight) => weight.externalData.length > 0)!;
    const entry = { key: "location", value: "../outside" };
    externalData.push(create(StringStringEntryProtoSchema, entry));
  });
  const { graph } = await rewriteModel({ modelFile, layout: "blocks" });
  const places = fromBinary(ModelProtoSchema, graph).graph!.initializer.flatMap((weight) =>
    weight.externalData.filter(({ key }) => key === "location").map(({ value }) => value),
  );
  assert.deepEqual([...new Set(places)], ["model.onnx.data"]);
});

test("a pipe in the place of a model or its weights is refused at once", async (t) => {
  if (process.platform === "win32") return t.skip("Windows has no pipes among files");
  for (const name of ["model.onnx", "model.onnx.data"]) {
    const folder = await folderFor(t);
    await cp(external, folder, { recursive: true });
    await rm(path.join(folder, name));
    execFileSync("mkfifo", [path.join(folder, name)]);
    await refusal(path.join(folder, "model.onnx"), /is a folder, a pipe or a device/);
  }
});

test("a file beyond ONNX's limit is refused before any of it is read", async (t) => {
  const modelFile = path.join(await folderFor(t), "model.onnx");
  await writeFile(modelFile, "");
  await truncate(modelFile, 3e9);
  const before = bytesRead();
  await refusal(modelFile, /larger than 2 GB/);
  const cacheFolder = await folderFor(t);
  await assert.rejects(rewriteModel({ modelFile, layout: "blocks", cacheFolder }), /2 GB/);
  assert.ok(bytesRead() - before < 1e6);
});

/** Bytes that this process has read so far; 0 where the system does not tell. */
function bytesRead(): number {
  const counts = existsSync("/proc/self/io") ? readFileSync("/proc/self/io", "utf8") : "";
  return Number(/^rchar: (\d+)/.exec(counts)?.[1] ?? 0);
}
