/** Reads a model file into its messages. Weights stay views into the file's bytes, never copies. */
import { open, readFile, stat } from "node:fs/promises";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelRefused, refuse } from "../modelRefused";
import { ModelProtoSchema, type GraphProto, type ModelProto } from "../proto/onnx_pb";

/** A model file as messages; a rewrite changes them where they stand. */
export interface ParsedModel {
  model: ModelProto;
  graph: GraphProto;
  /** What the inline weights are views into. */
  bytes: Uint8Array;
}

const downloadAgain = "download the model again, from its publisher";
const largestFile = 2 ** 31 - 1;
/** Split and Squeeze take their axes as inputs from here on; emitted nodes rely on it. */
const oldestOpset = 13n;

/** For a path that refuseOtherFiles let pass. */
export async function readModelFile(path: string): Promise<ParsedModel> {
  return parseModel(await readFile(path), path);
}

/** `name` is what errors call the bytes. Throws ModelRefused where they are no ONNX model. */
function parseModel(bytes: Uint8Array, name: string): ParsedModel {
  const model = decode(bytes, name);
  const { graph } = model;
  if (!graph || graph.node.length === 0)
    refuse(`${name} holds no graph and is not an ONNX model`, "choose the model’s .onnx file");
  const opset = model.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx");
  if (!opset || opset.version < oldestOpset)
    refuse(
      `${name} uses ONNX opset ${opset?.version ?? 0}, and ${oldestOpset} is the oldest that can be rewritten`,
      "export the model again with a newer exporter",
    );
  return { model, graph, bytes };
}

function decode(bytes: Uint8Array, name: string): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    const message = `${name} is cut short or damaged: ${downloadAgain}.`;
    throw new ModelRefused(message, { cause });
  }
}

/** Refuses what need not be read to be no model: folders, pipes, devices, files beyond ONNX’s limit. */
export async function refuseOtherFiles(path: string): Promise<void> {
  const file = await stat(path);
  if (!file.isFile())
    refuse(
      `${path} is a folder, a pipe or a device and no file`,
      "choose the folder that holds the model",
    );
  if (file.size > largestFile)
    refuse(
      `${path} is larger than 2 GB, which no ONNX file may be`,
      "export the model with its weights in a file of their own (external data)",
    );
  if ((await firstBytes(path, 8)).startsWith("version "))
    refuse(
      `${path} is a Git LFS pointer, not the model itself`,
      "run “git lfs pull” in its folder",
    );
}

async function firstBytes(path: string, count: number): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await file.close();
  }
}
