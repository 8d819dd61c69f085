import assert from "node:assert/strict";
import { test } from "node:test";
import { Session, float32s, int64s, type Tensors } from "../../../src/engine/runtime/runtime";
import { GraphBuilder, tensor } from "../../../src/onnx/graph/graphBuilder";

async function run(graph: GraphBuilder, feeds: Tensors): Promise<Tensors> {
  const session = await Session.create({ bytes: graph.build() }, "cpu");
  try {
    return await session.run(feeds, session.outputNames);
  } finally {
    await session.dispose();
  }
}

test("a graph reads like its formula and computes it", async () => {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", ["batch", 2]);
  const doubled = g.node("Mul", [x, g.float(2)]);
  g.output(g.node("Softmax", [doubled], { axis: -1 }), "y", "float32", ["batch", 2]);

  const { y } = await run(g, { x: float32s(Float32Array.of(0, Math.log(3) / 2), [1, 2]) });

  assert.deepEqual(
    Array.from(y.data as Float32Array, (p) => p.toFixed(5)),
    ["0.25000", "0.75000"],
  );
});

test("a node may have several outputs, and equal constants are one", async () => {
  const g = new GraphBuilder();
  const x = g.input("x", "int64", [3]);
  const [head, tail] = g.nodes("Split", [x, g.ints(1, 2)], 2, { axis: 0 });
  g.output(head, "head", "int64", [1]);
  g.output(g.node("Add", [tail, g.ints(1, 2)]), "tail", "int64", [2]);

  const { head: first, tail: rest } = await run(g, { x: int64s([5, 6, 7], [3]) });

  assert.deepEqual([...(first.data as BigInt64Array)], [5n]);
  assert.deepEqual([...(rest.data as BigInt64Array)], [7n, 9n]);
  assert.equal(g.graph.initializer.length, 1);
});

test("attributes keep their kind: int, float, list, tensor", async () => {
  const g = new GraphBuilder();
  const shape = g.input("shape", "int64", [1]);
  const filled = g.node("ConstantOfShape", [shape], { value: tensor(Float32Array.of(-4), [1]) });
  const leaky = g.node("LeakyRelu", [filled], { alpha: { float: 1 / 4 } });
  g.output(g.node("Transpose", [leaky], { perm: [0] }), "y", "float32", ["n"]);

  const { y } = await run(g, { shape: int64s([2], [1]) });

  assert.deepEqual([...(y.data as Float32Array)], [-1, -1]);
});

test("a second input of the same name is refused", () => {
  const g = new GraphBuilder();
  g.input("x", "float32", []);
  assert.throws(() => g.input("x", "float32", []), /Two values of the graph are called “x”/);
});
