/** Whatever a model file holds, opening it ends in a rewrite or in one sentence: no hang, no crash. */
import assert from "node:assert/strict";
import { link, mkdir, readFile, symlink, truncate, writeFile, cp, rm } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { dataTypeOf, GraphBuilder } from "../../src/onnx/graph/graphBuilder";
import { ModelRefused } from "../../src/onnx/modelRefused";
import { ModelProtoSchema, type ModelProto, type NodeProto } from "../../src/onnx/proto/onnx_pb";
import { rewriteModel } from "../../src/onnx/rewrite/rewriteModel";
import { Random } from "../../src/shared/random";
import { changed, external, folderFor, refusal } from "../support/onnx/changedExport";

const inline = "test/fixtures/exports/optimum-qwen2/model.onnx";

function attentionOf(model: ModelProto): NodeProto {
  const found = model.graph!.node.find(({ opType }) => opType === "GroupQueryAttention");
  assert.ok(found);
  return found;
}

function placeWeights(location: string) {
  return (model: ModelProto) => {
    const [first] = model.graph!.initializer.filter(({ externalData }) => externalData.length > 0);
    first.externalData.find(({ key }) => key === "location")!.value = location;
  };
}

for (const location of ["/etc/passwd", "../outside", "a/b", "..", "C:\\weights"])
  test(`weights may not lie in “${location}”`, async (t) => {
    await refusal(await changed(t, placeWeights(location)), /only files beside the model/);
  });

test("a missing weight file is named", async (t) => {
  await refusal(await changed(t, placeWeights("gone.data")), /“gone\.data” is missing/);
});

test("a cut weight file is named, with the weight that it lacks", async (t) => {
  const modelFile = await changed(t, () => undefined);
  await truncate(`${modelFile}.data`, 1000);
  await refusal(
    modelFile,
    /“model\.onnx\.data” ends at 1000 bytes, and the weight “.+” reaches to/,
  );
});

test("a link out of the folder is refused, symbolic or hard", async (t) => {
  const modelFile = await changed(t, () => undefined);
  const outside = path.join(await folderFor(t), "outside");
  await cp(`${modelFile}.data`, outside);
  await rm(`${modelFile}.data`);
  await symlink(outside, `${modelFile}.data`);
  await refusal(modelFile, /is a link that leads out/);
  await rm(`${modelFile}.data`);
  await link(outside, `${modelFile}.data`);
  await refusal(modelFile, /is a hard link/);
});

test("the links of a Hugging Face cache are followed to its blobs", async (t) => {
  const repository = await folderFor(t);
  const snapshot = path.join(repository, "snapshots", "abc");
  const blobs = path.join(repository, "blobs");
  await mkdir(snapshot, { recursive: true });
  await mkdir(blobs);
  for (const [name, blob] of [
    ["model.onnx", "1a"],
    ["model.onnx.data", "2b"],
  ]) {
    await cp(path.join(external, name), path.join(blobs, blob));
    await symlink(path.join("..", "..", "blobs", blob), path.join(snapshot, name));
  }
  const modelFile = path.join(snapshot, "model.onnx");
  const { graph, weightsFolder } = await rewriteModel({ modelFile, layout: "blocks" });
  assert.equal(path.basename(weightsFolder), "blobs");
  const { initializer } = fromBinary(ModelProtoSchema, graph).graph!;
  const places = initializer.flatMap(({ externalData }) =>
    externalData.filter(({ key }) => key === "location").map(({ value }) => value),
  );
  assert.deepEqual([...new Set(places)], ["2b"]);
});

test("absurd sizes are refused before anything is allocated", async (t) => {
  const modelFile = await changed(t, (model) => {
    model.graph!.initializer[0].dims = [1n << 40n, 1n << 40n];
  });
  await refusal(modelFile, /names an impossible place/);
});

test("operators that onnxruntime does not have are refused by node", async (t) => {
  const modelFile = await changed(t, (model) => {
    model.graph!.node[3].domain = "com.evil";
  });
  await refusal(modelFile, /Node “.+” .* “com\.evil”/);
});

for (const opType of [
  "PagedAttention",
  "SparseAttention",
  "LinearAttention",
  "CausalConvWithState",
])
  test(`${opType} cannot lose single tokens and is refused by node, with a way out`, async (t) => {
    const modelFile = await changed(t, (model) => {
      attentionOf(model).opType = opType;
    });
    await refusal(modelFile, new RegExp(`layers\\.0/attn.* \\(${opType}\\) .*: (export|choose) `));
  });

test("attention that keeps no cache is refused by node", async (t) => {
  const modelFile = await changed(t, (model) => {
    attentionOf(model).opType = "Attention";
  });
  await refusal(modelFile, /layers\.0\/attn.* \(Attention\) attends without a cache/);
});

const tiedToSlots: Record<string, [number, RegExp]> = {
  "a bias by place in the cache": [10, /adds a bias by place in the cache/],
  "quantized keys": [12, /keeps keys and values quantized/],
};
for (const [what, [place, reason]] of Object.entries(tiedToSlots))
  test(`attention with ${what} is refused by node`, async (t) => {
    const modelFile = await changed(t, (model) => {
      const { input } = attentionOf(model);
      while (input.length <= place) input.push("");
      input[place] = model.graph!.initializer[0].name;
    });
    await refusal(modelFile, reason);
  });

test("rotary with an empty input is refused by node", async (t) => {
  const modelFile = await changed(t, (model) => {
    const [node] = model.graph!.node;
    Object.assign(node, { opType: "RotaryEmbedding", input: ["", "a", "b"] });
  });
  await refusal(modelFile, /\(RotaryEmbedding\) has an empty input/);
});

test("two decoders merged into one file are refused by node", async (t) => {
  const modelFile = await changed(t, (model) => {
    Object.assign(model.graph!.node[0], { opType: "If", name: "optimum::if" });
  });
  await refusal(modelFile, /“optimum::if” \(If\) merges two decoders/);
});

test("three positions a token are refused", async (t) => {
  const g = new GraphBuilder();
  g.input("position_ids", "int64", [3, "batch", "sequence"]);
  const modelFile = await changed(t, (model) => {
    const { input } = model.graph!;
    const others = input.filter(({ name }) => name !== "position_ids");
    model.graph!.input = [...others, ...g.graph.input];
  });
  await refusal(modelFile, /“position_ids” has more than one position per token/);
});

test("a cache of integers is refused by node", async (t) => {
  const modelFile = await changed(t, (model) => {
    for (const { name, type } of model.graph!.input)
      if (name.startsWith("past_key_values") && type?.value.case === "tensorType")
        type.value.value.elemType = dataTypeOf("int8");
  });
  await refusal(modelFile, /layers\.0\/attn.* other than float32 and float16/);
});

test("a decoder without a cache is refused", async (t) => {
  const modelFile = await changed(t, (model) => {
    const graph = model.graph!;
    graph.node = graph.node.filter(({ opType }) => opType !== "GroupQueryAttention");
    graph.output = graph.output.filter(({ name }) => name === "logits");
  });
  await refusal(modelFile, /no output that a key and value cache grows into/);
});

test("an output that no node makes is refused by name", async (t) => {
  const modelFile = await changed(t, (model) => {
    model.graph!.output[1].name = "present.0.gone";
  });
  await refusal(modelFile, /“present\.0\.gone” is promised, and no node produces it/);
});

test("a file that is no model is refused: text, a Git LFS pointer, nothing, a folder", async (t) => {
  const folder = await folderFor(t);
  const modelFile = path.join(folder, "model.onnx");
  await refusal(modelFile, /cannot be read/);
  await writeFile(modelFile, "");
  await refusal(modelFile, /no graph/);
  await writeFile(modelFile, "version https://git-lfs.github.com/spec/v1\noid sha256:00\n");
  await refusal(modelFile, /Git LFS pointer/);
  await writeFile(modelFile, "Not a model at all, but a letter to a friend.");
  await refusal(modelFile, /damaged|no graph/);
  await refusal(folder, /is a folder, a pipe or a device/);
});

test("a model file cut anywhere is refused", async (t) => {
  const bytes = await readFile(inline);
  const modelFile = path.join(await folderFor(t), "model.onnx");
  for (let share = 0.05; share < 1; share += 0.1) {
    await writeFile(modelFile, bytes.subarray(0, Math.floor(bytes.length * share)));
    await refusal(modelFile, /./);
  }
});

test("300 random changes to model files end in a rewrite or in a sentence", async (t) => {
  const random = new Random(1);
  const below = (limit: number) => Math.floor(random.next() * limit);
  const folder = await folderFor(t);
  await cp(external, folder, { recursive: true });
  const modelFile = path.join(folder, "model.onnx");
  const original = await readFile(modelFile);
  let refused = 0;
  for (let mutant = 0; mutant < 300; mutant++) {
    const bytes = Buffer.from(original);
    for (let change = 0; change <= mutant % 8; change++) bytes[below(bytes.length)] = below(256);
    await writeFile(modelFile, bytes);
    await rewriteModel({ modelFile, layout: mutant % 2 ? "blocks" : "in-place" }).catch(
      (error: unknown) => {
        assert.ok(error instanceof ModelRefused, String((error as Error).stack));
        assert.match(error.message, /: .+\.$/);
        refused++;
      },
    );
  }
  assert.ok(refused > 30, `only ${refused} of 300 were refused`);
});
