/** A stock export whose logits pass through a loop that has no end, made in a folder of its own. */
import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { GraphBuilder } from "../../src/onnx/graph/graphBuilder";
import { ModelProtoSchema } from "../../src/onnx/proto/onnx_pb";

const stock = "test/fixtures/exports/optimum-qwen2";
const vocabulary = 512;

export async function endlessModel(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-lens-endless-"));
  await cp(stock, folder, { recursive: true });
  const file = path.join(folder, "model.onnx");
  const model = fromBinary(ModelProtoSchema, await readFile(file));
  const graph = model.graph!;
  const made = "logits without end";
  for (const node of graph.node)
    node.output = node.output.map((name) => (name === "logits" ? made : name));
  const g = new GraphBuilder(graph, "endless/");
  const always = g.constant(Uint8Array.of(1), [], "bool");
  const body = g.body("body");
  body.input("turn", "int64", []);
  body.input("goesOn", "bool", []);
  const dims = ["batch", "sequence", vocabulary];
  body.input("carried", "float32", dims);
  body.output("goesOn", "stillGoesOn", "bool", []);
  body.output("carried", "stillCarried", "float32", dims);
  g.nodes("Loop", ["", always, made], ["logits"], { body: body.graph });
  await writeFile(file, toBinary(ModelProtoSchema, model));
  return folder;
}
