import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { test } from "node:test";
import { float32s, Session } from "../../../src/engine/runtime/runtime";
import { GraphBuilder } from "../../../src/onnx/graph/graphBuilder";

const size = 256;

/** A product large enough to be shared out among threads. */
function product(): Uint8Array {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [size, size]);
  g.output(g.node("MatMul", [x, x]), "y", "float32", [size, size]);
  return g.build();
}

test("threads rest as soon as a run has ended", async () => {
  const session = await Session.create({ bytes: product() }, "cpu", 4);
  try {
    const x = float32s(new Float32Array(size * size), [size, size]);
    const pauses: number[] = [];
    for (let run = 0; run < 5; run++) {
      await session.run({ x }, ["y"]);
      const before = process.cpuUsage();
      await setTimeout(20);
      const { user, system } = process.cpuUsage(before);
      pauses.push((user + system) / 1000);
    }
    const shortest = Math.min(...pauses);
    assert.ok(shortest < 5, `at least ${shortest} ms of processor time in pauses of 20 ms`);
  } finally {
    await session.dispose();
  }
});
