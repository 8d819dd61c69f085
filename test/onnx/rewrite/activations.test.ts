/** int4 products round their activations to 8 bits on the CPU where an export leaves it open. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test, type TestContext } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { checkModelFile } from "../../../src/engine/proof/check";
import { intAttribute } from "../../../src/onnx/graph/graphView";
import { ModelProtoSchema, type ModelProto } from "../../../src/onnx/proto/onnx_pb";
import { type RewriteRequest, rewriteModel } from "../../../src/onnx/rewrite/rewriteModel";
import { changed, external, folderFor } from "../../support/onnx/changedExport";

const name = "accuracy_level";

function productsOf({ graph }: ModelProto) {
  return graph?.node.filter(({ opType }) => opType === "MatMulNBits") ?? [];
}

/** An export whose quantizer was not told a level. */
function leftOpen(t: TestContext): Promise<string> {
  return changed(t, (model) => {
    for (const node of productsOf(model))
      node.attribute = node.attribute.filter((each) => each.name !== name);
  });
}

async function levelsOf(request: RewriteRequest): Promise<{ dtype: string; levels: number[] }> {
  const { graph, decoder } = await rewriteModel(request);
  const products = productsOf(fromBinary(ModelProtoSchema, graph));
  const levels = [...new Set(products.map((node) => intAttribute(node, name, 0)))];
  return { dtype: decoder.dtype, levels };
}

test("an export that leaves it open gets 8 bits on the CPU, and its type says so", async (t) => {
  const modelFile = await leftOpen(t);
  assert.deepEqual(await levelsOf({ modelFile, layout: "blocks" }), {
    dtype: "int4, 8-bit activations",
    levels: [4],
  });
});

test("where it is asked for, on WebGPU, and where the export says, its own level stays", async (t) => {
  const modelFile = await leftOpen(t);
  const own = { dtype: "int4", levels: [0] };
  assert.deepEqual(await levelsOf({ modelFile, layout: "blocks", fullActivations: true }), own);
  assert.deepEqual(await levelsOf({ modelFile, layout: "in-place" }), own);
  const said = await changed(t, (model) => {
    for (const node of productsOf(model))
      for (const each of node.attribute) if (each.name === name) each.i = 1n;
  });
  assert.deepEqual(await levelsOf({ modelFile: said, layout: "blocks" }), { ...own, levels: [1] });
});

test("the two rewrites of one export are kept apart", async (t) => {
  const [modelFile, cacheFolder] = [await leftOpen(t), await folderFor(t)];
  for (const fullActivations of [false, true, false, true])
    assert.deepEqual(
      await levelsOf({ modelFile, layout: "blocks", fullActivations, cacheFolder }),
      await levelsOf({ modelFile, layout: "blocks", fullActivations }),
    );
  assert.equal((await readdir(cacheFolder)).length, 2);
});

test("a check tells what rounding does apart from what the rewrite does", async (t) => {
  const open = await checkModelFile(await leftOpen(t), "cpu");
  const { maxLogitDifference = NaN, maxRoundingDifference = NaN } = open;
  assert.ok(maxLogitDifference < 1e-5, `the rewrite changes a logit by ${maxLogitDifference}`);
  assert.ok(
    maxRoundingDifference > 1e-5 && maxRoundingDifference < 0.1,
    `${maxRoundingDifference}`,
  );
  const said = await checkModelFile(`${external}/model.onnx`, "cpu");
  assert.equal(said.maxRoundingDifference, undefined);
});
