import assert from "node:assert/strict";
import { test } from "node:test";
import { openDecoder, threadsFor } from "../../../src/engine/decoder/openDecoder";
import { ModelRefused } from "../../../src/onnx/modelRefused";
import { toyModel, toyShape } from "../../support/toyModel";

const rewrite = (layout: "blocks" | "in-place") => Promise.resolve(toyModel(layout));

test("a device that is not there is an error with its reason, never a silent other device", async () => {
  await assert.rejects(openDecoder(rewrite, "dml"), /none of the devices tried. dml: .+/);
});

test("a refused model is refused in its own words", async () => {
  const refused = () => Promise.reject(new ModelRefused("Node /x is odd: choose another export."));
  await assert.rejects(openDecoder(refused, "cpu"), ModelRefused);
});

test("a model that computes no numbers is told before the first question", async () => {
  const broken = (layout: "blocks" | "in-place") =>
    Promise.resolve(toyModel(layout, { ...toyShape, spread: Infinity }));
  await assert.rejects(openDecoder(broken, "cpu"), /not finite/);
});

test("a graph cut short is an error with the device's reason", async () => {
  const cut = (layout: "blocks" | "in-place") => {
    const model = toyModel(layout);
    return Promise.resolve({ ...model, graph: model.graph.slice(0, 100) });
  };
  await assert.rejects(openDecoder(cut, "cpu"), /cpu: /);
});

test("a small model runs on few threads, a large one on every physical core", () => {
  const mebibyte = 1 << 20;
  const cores = [2, 4, 16];
  const threadsOf = (weights: number) => cores.map((count) => threadsFor(weights, count));
  assert.deepEqual(threadsOf(8 * mebibyte), [1, 1, 1]);
  assert.deepEqual(threadsOf(100 * mebibyte), [0, 0, 4]);
  assert.deepEqual(threadsOf(1000 * mebibyte), [0, 0, 0]);
});
