/** Copies of small exports, changed as a stranger might, and the refusals that they end in. */
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelRefused } from "../../../src/onnx/modelRefused";
import { ModelProtoSchema, type ModelProto } from "../../../src/onnx/proto/onnx_pb";
import { rewriteModel } from "../../../src/onnx/rewrite/rewriteModel";

/** An export with its weights in a file of their own. */
export const external = "test/fixtures/exports/genai-qwen2tied-int4-cpu";

export async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-lens-models-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** Path of the model file of a copy, changed by `edit`. */
export async function changed(
  t: TestContext,
  edit: (model: ModelProto) => void,
  original = external,
): Promise<string> {
  const folder = await folderFor(t);
  await cp(original, folder, { recursive: true });
  const modelFile = path.join(folder, "model.onnx");
  const model = fromBinary(ModelProtoSchema, await readFile(modelFile));
  edit(model);
  await writeFile(modelFile, toBinary(ModelProtoSchema, model));
  return modelFile;
}

/** It is refused for the reason expected, in words that say what to do. */
export async function refusal(modelFile: string, expected: RegExp): Promise<void> {
  await assert.rejects(rewriteModel({ modelFile, layout: "blocks" }), (error: Error) => {
    assert.ok(error instanceof ModelRefused, error.stack);
    assert.match(error.message, expected);
    assert.match(error.message, /: .+\.$/, "says what to do next");
    return true;
  });
}
