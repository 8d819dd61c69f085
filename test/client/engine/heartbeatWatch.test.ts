import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import { HeartbeatWatch, silentTicks } from "../../../src/client/engine/heartbeatWatch";

function watched(t: TestContext) {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const [beats, silences] = [new PassThrough(), [] as number[]];
  const watch = new HeartbeatWatch(beats, (millis) => silences.push(millis));
  const beat = async (): Promise<void> => {
    beats.write(".");
    await new Promise((resolve) => setImmediate(resolve));
  };
  const tick = (ticks: number) => t.mock.timers.tick(1_000 * ticks);
  return { beats, watch, silences, beat, tick };
}

test("an engine that stands still is told of once, within ten seconds", async (t) => {
  const { silences, beat, tick } = watched(t);
  await beat();
  tick(silentTicks - 1);
  assert.deepEqual(silences, []);
  tick(1);
  assert.deepEqual(silences, [7_000]);
  tick(60);
  assert.equal(silences.length, 1);
});

test("one that never beats at all is told of as well", (t) => {
  const { silences, tick } = watched(t);
  tick(silentTicks);
  assert.equal(silences.length, 1);
});

test("one that beats rarely, on a busy machine, is left alone", async (t) => {
  const { silences, beat, tick } = watched(t);
  for (let minute = 0; minute < 10; minute++) {
    tick(silentTicks - 1);
    await beat();
  }
  assert.deepEqual(silences, []);
});

test("nothing is told of an engine that has ended", (t) => {
  const { watch, silences, tick } = watched(t);
  watch.dispose();
  tick(60);
  assert.deepEqual(silences, []);
});

test("a pipe that breaks with its engine is told by the engine's end, not by the pipe", (t) => {
  const { beats, silences } = watched(t);
  beats.emit("error", new Error("read ECONNRESET"));
  assert.deepEqual(silences, []);
});
