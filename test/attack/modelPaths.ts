import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelRefused } from "../../src/onnx/modelRefused";
import {
  ModelProtoSchema,
  SparseTensorProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation as DataLocation,
  TensorProtoSchema,
  type GraphProto,
  type TensorProto,
} from "../../src/onnx/proto/onnx_pb";
import { rewriteModel } from "../../src/onnx/rewrite/rewriteModel";
import type { Random } from "../../src/shared/random";
import { external } from "../support/onnx/changedExport";
import type { Attack } from "./attack";

/** Where the format lets a weight be, and with it the name of a file. */
const carriers: Record<string, (graph: GraphProto, weight: TensorProto) => void> = {
  "a weight": ({ initializer }, weight) => Object.assign(initializer[0], outside(weight)),
  "a constant": (graph, weight) =>
    Object.assign(constantOf(graph), { name: "value", t: weight, sparseTensor: undefined }),
  "a sparse weight": ({ sparseInitializer }, weight) => sparseInitializer.push(sparse(weight)),
  "a sparse constant": (graph, weight) =>
    Object.assign(constantOf(graph), {
      name: "sparse_value",
      t: undefined,
      sparseTensor: sparse(weight),
    }),
};

function outside({ externalData, dataLocation }: TensorProto) {
  return { externalData, dataLocation, rawData: new Uint8Array() };
}

function constantOf({ node }: GraphProto) {
  const found = node.find(({ opType }) => opType === "Constant")?.attribute[0];
  assert.ok(found);
  return found;
}

function sparse(values: TensorProto) {
  return create(SparseTensorProtoSchema, { values, indices: values, dims: [4n] });
}

const parts = ["..", ".", "/", "\\", "etc/passwd", "C:", "\\\\server\\share", "model.onnx.data"];
const more = ["%2e%2e", "\0", "a", "//", "~", "CON", "file:///", "\u202e", " ", "/dev/zero"];
/** The one that leads where weights may lie. */
const allowed = /^(\.\/)?model\.onnx(\.data)?$/;

function drawn(chance: Random): string {
  const one = () => [...parts, ...more][Math.floor(chance.next() * (parts.length + more.length))];
  const place = Array.from({ length: 1 + Math.floor(chance.next() * 4) }, one).join("");
  return allowed.test(place) ? `../${place}` : place;
}

const reasons =
  /only files beside|is missing beside|leads out of|no file: download|stored as a sparse tensor/;

async function tryPlace(modelFile: string, carrier: string, place: string): Promise<void> {
  const model = fromBinary(ModelProtoSchema, await readFile(`${external}/model.onnx`));
  assert.ok(model.graph);
  const entries = { location: place, offset: "0", length: "16" };
  const weight = create(TensorProtoSchema, {
    name: "outside",
    dataType: 1,
    dims: [4n],
    dataLocation: DataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    ),
  });
  carriers[carrier](model.graph, weight);
  await writeFile(modelFile, toBinary(ModelProtoSchema, model));
  await assert.rejects(
    rewriteModel({ modelFile, layout: "blocks" }),
    (error) => error instanceof ModelRefused && reasons.test(error.message),
    `${carrier} in ${JSON.stringify(place)}`,
  );
}

export const modelPaths: Attack = {
  id: "T4",
  what: "weights that name files outside of the model's folder, in four carriers",
  goal: "every one refused",
  short: 25,
  long: 5_000,
  run: async (times, chance) => {
    const folder = await mkdtemp(path.join(tmpdir(), "rkv-lens-places-"));
    try {
      await cp(external, folder, { recursive: true });
      for (let n = 0; n < times; n++)
        for (const carrier of Object.keys(carriers))
          await tryPlace(path.join(folder, "model.onnx"), carrier, drawn(chance));
    } finally {
      await rm(folder, { recursive: true });
    }
    return `${4 * times} of ${4 * times} refused`;
  },
};
