import assert from "node:assert/strict";
import { test } from "node:test";
import { SlotAngles, type Angles, type RotaryAngles } from "../../../src/engine/cache/rotaryAngles";
import { float32s } from "../../../src/engine/runtime/runtime";

/** Gives positions for angles, and notes what it is asked for. */
class Positions implements Pick<RotaryAngles, "from" | "queryNorm"> {
  readonly asked: [first: number, rows: number][] = [];

  from(first: number, rows: number): Promise<Angles> {
    this.asked.push([first, rows]);
    const positions = Float32Array.from({ length: rows }, (_, i) => first + i);
    const angles = () => float32s(positions, [rows, 1]);
    return Promise.resolve({ slot_cos: angles(), slot_sin: angles() });
  }

  queryNorm(): Promise<never> {
    return Promise.reject(new Error("Positions have no norm."));
  }
}

test("the angles of slots are made anew as slots are evicted and as the cache grows", async () => {
  const source = new Positions();
  const angles = new SlotAngles(source);
  const first = await angles.from(0, 64);
  assert.equal(await angles.from(0, 64), first);
  await angles.from(30, 64);
  await angles.from(30, 128);
  assert.deepEqual(source.asked, [
    [0, 64],
    [30, 64],
    [30, 128],
  ]);
});

test("positions are found among the angles of slots, or else their own are made", async () => {
  const source = new Positions();
  const angles = new SlotAngles(source);
  await angles.from(30, 64);
  for (const [first, count] of [
    [30, 1],
    [92, 2],
    [10, 8],
    [93, 2],
  ]) {
    const found = await angles.with(first, count);
    assert.equal(found.angles.slot_cos.data[found.row], first);
    assert.equal(found.angles.slot_cos.data[found.row + count - 1], first + count - 1);
  }
  assert.equal(source.asked.length, 3);
});
