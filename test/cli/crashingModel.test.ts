/** A model that passes every look at its file and still brings ONNX Runtime down, given to the CLI. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { GraphBuilder } from "../../src/onnx/graph/graphBuilder";
import { ModelProtoSchema } from "../../src/onnx/proto/onnx_pb";
import { tinyExport } from "../support/onnx/tinyExports";

let folder: string;
let model: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "rkv-lens-bomb-"));
  model = path.join(folder, "model");
  await mkdir(model);
  await writeFile(path.join(model, "model.onnx"), memoryBomb());
});
after(() => rm(folder, { recursive: true }));

/** Its logits wait for 4 GB of zeros, which nothing in the file is as large as. */
function memoryBomb(): Uint8Array {
  const model = fromBinary(ModelProtoSchema, tinyExport("no rotary"));
  const g = new GraphBuilder(model.graph, "bomb/");
  const last = g.graph.node.find(({ output }) => output.includes("logits"));
  assert.ok(last);
  const zeros = g.node("ConstantOfShape", [g.ints(2 ** 30)]);
  const most = g.node("ReduceMax", [zeros], { keepdims: 0 });
  last.input[0] = g.node("Add", [last.input[0], most]);
  g.graph.node = [...g.graph.node.filter((node) => node !== last), last];
  return toBinary(ModelProtoSchema, model);
}

function ended(...args: string[]): Promise<{ code: unknown; out: string; err: string }> {
  const env = { ...process.env, XDG_CACHE_HOME: path.join(folder, "cache"), LOCALAPPDATA: folder };
  const all = [path.resolve("dist/cli.js"), ...args, "--device", "cpu"];
  return new Promise((resolve) =>
    execFile(process.execPath, all, { env, timeout: 60_000 }, (error, out, err) =>
      resolve({ code: error ? (error.code ?? "killed") : 0, out, err }),
    ),
  );
}

const first =
  /“model\.onnx” .* makes ONNX Runtime take more than \d+ MB of memory on cpu, .*: use /;
const remembered =
  /“model\.onnx” .* made ONNX Runtime take more .* before and is not tried again: .*delete (\S+) to/;

test("run and check refuse it in a sentence, and remember it until they are told to forget", async () => {
  const run = await ended("run", "--prompt-ids", await someIds(), "--model", model);
  assert.match(run.err, first);
  assert.equal(run.code, 2);

  const again = await ended("run", "--prompt-ids", await someIds(), "--model", model);
  assert.match(again.err, remembered);
  assert.equal(again.code, 2);

  const check = await ended("check", model, "--json");
  const { reason } = JSON.parse(check.out) as { reason: string };
  assert.match(reason, remembered);
  assert.equal(check.code, 2);

  await rm(remembered.exec(reason)?.[1] ?? "");
  const once = await ended("check", model, "--json");
  assert.match((JSON.parse(once.out) as { reason: string }).reason, first);
});

async function someIds(): Promise<string> {
  const file = path.join(folder, "ids.json");
  await writeFile(file, "[1, 2, 3]");
  return file;
}
