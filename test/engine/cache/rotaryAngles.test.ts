import assert from "node:assert/strict";
import { test } from "node:test";
import { SlotAngles, type Angles, type RotaryAngles } from "../../../src/engine/cache/rotaryAngles";
import { float32s } from "../../../src/engine/runtime/runtime";

/** Writes positions for angles, and notes what it is asked to. */
class Positions implements Pick<RotaryAngles, "allocate" | "write"> {
  readonly calls: string[] = [];

  allocate(rows: number): Promise<Angles> {
    this.calls.push(`allocate ${rows}`);
    const angles = () => float32s(new Float32Array(rows), [rows, 1]);
    return Promise.resolve({ slot_cos: angles(), slot_sin: angles() });
  }

  write(angles: Angles, first: number): Promise<void> {
    this.calls.push(`write ${first}`);
    (angles.slot_cos.data as Float32Array).forEach((_, i, numbers) => (numbers[i] = first + i));
    return Promise.resolve();
  }
}

test("the angles of slots are written anew as slots are evicted, and made anew as the cache grows", async () => {
  const source = new Positions();
  const angles = new SlotAngles(source);
  const first = await angles.from(0, 64);
  assert.equal(await angles.from(0, 64), first);
  assert.equal(await angles.from(30, 64), first);
  assert.notEqual(await angles.from(30, 128), first);
  assert.deepEqual(source.calls, [
    "allocate 64",
    "write 0",
    "write 30",
    "allocate 128",
    "write 30",
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
  assert.equal(source.calls.filter((call) => call.startsWith("write")).length, 3);
});
