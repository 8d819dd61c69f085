/** Which files a variant needs, told apart in one pass. */
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { type HubFile, variantsOf } from "../../../src/client/models/listing";

function listed(names: string[]): HubFile[] {
  return names.map((name) => ({ path: name, size: 1, blob: "" }));
}

function filesOf(names: string[], graph: string): string[] {
  const variant = variantsOf(listed(names)).find((each) => each.graph === graph);
  return (variant?.files ?? []).map(({ path }) => path).sort();
}

test("a graph has its data, and the small files beside it and at the top", () => {
  const names = [
    ..."config.json onnx/model.onnx onnx/model.onnx_data onnx/model.onnx_data_1 onnx/a.txt".split(
      " ",
    ),
    ..."onnx/model_q4.onnx onnx/model_q4.onnx.data other/b.json picture.png model.onnx".split(" "),
  ];
  assert.deepEqual(filesOf(names, "onnx/model.onnx"), [
    ..."config.json onnx/a.txt onnx/model.onnx onnx/model.onnx_data onnx/model.onnx_data_1".split(
      " ",
    ),
  ]);
  assert.deepEqual(filesOf(names, "onnx/model_q4.onnx"), [
    ..."config.json onnx/a.txt onnx/model_q4.onnx onnx/model_q4.onnx.data".split(" "),
  ]);
  assert.deepEqual(filesOf(names, "model.onnx"), ["config.json", "model.onnx"]);
});

test("as if each graph had looked at every file", () => {
  const part = fc.constantFrom(
    "a",
    "b.onnx",
    "b.onnx_data",
    "b.onnx.data2",
    "c.json",
    "d.txt",
    "e.png",
  );
  const name = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 20 }), (names) => {
      for (const graph of names.filter((each) => each.endsWith(".onnx"))) {
        const needed = names.filter(
          (each) =>
            each === graph ||
            /^[_.]data[^/]*$/.test(each.startsWith(graph) ? each.slice(graph.length) : "") ||
            (/\.(json|txt)$/.test(each) && [".", path.dirname(graph)].includes(path.dirname(each))),
        );
        assert.deepEqual(filesOf(names, graph), needed.sort());
      }
    }),
  );
});

test("200,000 names take a moment", { timeout: 10_000 }, () => {
  const names = Array.from({ length: 100_000 }, (_, i) => [`${i}.onnx`, `${i}.onnx_data`]);
  assert.equal(variantsOf(listed(names.flat())).length, 100_000);
});
