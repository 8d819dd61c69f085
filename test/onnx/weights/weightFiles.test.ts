/** Where weights may lie: in plain files beside the model, or in the blobs of its own cache. */
import assert from "node:assert/strict";
import { link, mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { create } from "@bufbuild/protobuf";
import {
  GraphProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation as DataLocation,
  type TensorProto,
  TensorProtoSchema,
} from "../../../src/onnx/proto/onnx_pb";
import {
  externalData,
  modelFileItself,
  placeOutside,
  resolveWeights,
  WeightFiles,
} from "../../../src/onnx/weights/weightFiles";
import { folderFor } from "../../support/onnx/changedExport";

async function modelIn(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "model.onnx"), "graph");
  await writeFile(path.join(folder, "weights"), "0123456789");
  return path.join(folder, "model.onnx");
}

/** A repository of the Hugging Face cache; returns the snapshot's model, which is a link. */
async function cached(root: string): Promise<string> {
  const [snapshot, blobs] = ["snapshots/abc", "blobs"].map((name) => path.join(root, name));
  await mkdir(snapshot, { recursive: true });
  await mkdir(blobs);
  for (const [name, blob] of [
    ["model.onnx", "1a"],
    ["weights", "2b"],
  ]) {
    await writeFile(path.join(blobs, blob), "0123456789");
    await symlink(path.join("../../blobs", blob), path.join(snapshot, name));
  }
  return path.join(snapshot, "model.onnx");
}

function outside(entries: Record<string, string>): TensorProto {
  return create(TensorProtoSchema, {
    dataLocation: DataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    ),
  });
}

const refused = (found: Promise<unknown>, reason: RegExp): Promise<void> =>
  assert.rejects(found, { name: "ModelRefused", message: reason });

test("a weight is found by its name, with or without the folder's own dot before it", async (t) => {
  const files = await WeightFiles.of(await modelIn(await folderFor(t)));
  for (const location of ["weights", "./weights"])
    assert.deepEqual(await files.find(location), { name: "weights", size: 10 });
  assert.deepEqual(await files.find(modelFileItself), { name: "model.onnx", size: 5 });
});

test("a file that many weights lie in is looked at once", async (t) => {
  const files = await WeightFiles.of(await modelIn(await folderFor(t)));
  assert.equal(files.find("weights"), files.find("weights"));
});

for (const location of [
  ".",
  "..",
  "./",
  "../weights",
  "a/weights",
  "a\\weights",
  "C:weights",
  "\0",
])
  test(`${JSON.stringify(location)} is no name of a file beside the model`, async (t) => {
    const files = await WeightFiles.of(await modelIn(await folderFor(t)));
    const shown = location === "\0" ? /“⟨U\+0000⟩”/ : /only files beside the model file are read/;
    await refused(files.find(location), shown);
  });

test("a model that is a link into another folder is refused", async (t) => {
  const folder = await folderFor(t);
  for (const other of ["elsewhere", "blobs"]) {
    await modelIn(path.join(folder, other));
    const mine = path.join(folder, `to ${other}`);
    await mkdir(mine);
    await symlink(path.join(folder, other, "model.onnx"), path.join(mine, "model.onnx"));
    await refused(
      WeightFiles.of(path.join(mine, "model.onnx")),
      /model\.onnx is a link to a file in another folder: choose the folder that holds the file/,
    );
  }
});

test("a snapshot's model that lies in its repository, but not among the blobs, is refused", async (t) => {
  const repository = await folderFor(t);
  await modelIn(path.join(repository, "other"));
  await mkdir(path.join(repository, "snapshots", "abc"), { recursive: true });
  const model = path.join(repository, "snapshots", "abc", "model.onnx");
  await symlink("../../other/model.onnx", model);
  await refused(WeightFiles.of(model), /is a link to a file in another folder/);
});

test("the links of a snapshot lead to its repository's blobs, which may have other names", async (t) => {
  const repository = await folderFor(t);
  const files = await WeightFiles.of(await cached(repository));
  assert.equal(path.basename(files.folder), "blobs");
  assert.deepEqual(await files.find("weights"), { name: "2b", size: 10 });
  await link(path.join(repository, "blobs", "2b"), path.join(repository, "a copy"));
  assert.equal((await files.find("./weights")).name, "2b", "caches share blobs by hard links");
});

test("a link out, a hard link and a folder are each refused in words of their own", async (t) => {
  const folder = await folderFor(t);
  const model = await modelIn(path.join(folder, "model"));
  await writeFile(path.join(folder, "secret"), "secret");
  const beside = (name: string): string => path.join(folder, "model", name);
  await symlink("../secret", beside("soft"));
  await link(path.join(folder, "secret"), beside("hard"));
  await mkdir(beside("folder"));
  const files = await WeightFiles.of(model);
  await refused(files.find("soft"), /“soft” is a link that leads out of the model’s folder/);
  await refused(files.find("hard"), /“hard” is a hard link/);
  await refused(files.find("folder"), /“folder” is a folder, a pipe or a device and no file/);
  await refused(files.find("gone"), /“gone” is missing beside the model file/);
});

test("the model file itself may be a hard link: a person chose it", async (t) => {
  const folder = await folderFor(t);
  const model = await modelIn(folder);
  await link(model, path.join(folder, "copy.onnx"));
  const files = await WeightFiles.of(model);
  assert.equal((await files.find(modelFileItself)).size, 5);
});

test("a tensor's place is read with what the format takes for granted", () => {
  assert.deepEqual(externalData(outside({ location: "weights", offset: "4", length: "6" })), {
    location: "weights",
    offset: 4,
    length: 6,
  });
  const { location, offset, length } = externalData(outside({}));
  assert.deepEqual([location, offset, length], ["/", 0, undefined], "no place at all is none");
});

test("a place is written anew, so that no entry of the export is left beside it", () => {
  const tensor = outside({ location: "a", checksum: "b", offset: "9" });
  tensor.dataLocation = DataLocation.DEFAULT;
  placeOutside(tensor, { location: "c", offset: 0 });
  assert.deepEqual(
    tensor.externalData.map(({ key, value }) => [key, value]),
    [
      ["location", "c"],
      ["offset", "0"],
    ],
  );
  assert.equal(tensor.dataLocation, DataLocation.EXTERNAL);
});

test("only tensors outside of the graph get the real name of their file", async (t: TestContext) => {
  const files = await WeightFiles.of(await cached(await folderFor(t)));
  const inside = create(TensorProtoSchema, { name: "inside" });
  const graph = create(GraphProtoSchema, {
    initializer: [outside({ location: "weights", offset: "2", length: "3" }), inside],
  });
  await resolveWeights(graph, files);
  assert.deepEqual(externalData(graph.initializer[0]), { location: "2b", offset: 2, length: 3 });
  assert.equal(graph.initializer[1].externalData.length, 0);
});
