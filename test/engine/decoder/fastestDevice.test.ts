/** “auto” takes the device that was timed the faster one, and times it once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  openFastest,
  stepMillis,
  type SpeedMemory,
  type StepMillis,
} from "../../../src/engine/decoder/fastestDevice";
import type { Device } from "../../../src/shared/settings/settings";

/** Devices by what a step takes there; those that are not here cannot run the model. */
class Machine {
  readonly opened: Device[] = [];
  readonly disposed: Device[] = [];
  remembered: StepMillis | undefined;
  measured = 0;
  private clock = 0;

  constructor(private readonly takes: StepMillis) {}

  readonly open = (device: Device) => {
    const millis = this.takes[device];
    if (millis === undefined) return Promise.resolve(undefined);
    this.opened.push(device);
    const decoder = {
      feed: () => Promise.resolve((this.clock += millis)),
      truncate: () => Promise.resolve(),
      dispose: () => Promise.resolve(void this.disposed.push(device)),
    };
    return Promise.resolve({ device, decoder });
  };

  readonly memory: SpeedMemory = {
    recall: () => Promise.resolve(this.remembered),
    keep: (speeds) => Promise.resolve(void (this.remembered = speeds)),
  };

  async fastest(): Promise<Device | undefined> {
    const now = () => this.clock;
    const { opened } = await openFastest(this.open, this.memory, () => this.measured++, now);
    return opened?.device;
  }
}

test("the faster device is taken, and is the only one that stays open", async () => {
  for (const [takes, expected] of [
    [{ webgpu: 8, cpu: 1 }, "cpu"],
    [{ webgpu: 8, cpu: 50 }, "webgpu"],
  ] as const) {
    const machine = new Machine(takes);
    assert.equal(await machine.fastest(), expected);
    const left = [...machine.opened];
    for (const device of machine.disposed) left.splice(left.indexOf(device), 1);
    assert.deepEqual(left, [expected]);
    assert.deepEqual(machine.remembered, takes);
  }
});

test("a model that was timed is opened on its device at once", async () => {
  const machine = new Machine({ webgpu: 8, cpu: 1 });
  await machine.fastest();
  machine.opened.length = 0;
  assert.equal(await machine.fastest(), "cpu");
  assert.deepEqual(machine.opened, ["cpu"]);
  assert.equal(machine.measured, 1);
});

test("where both take about as long, the cores are left to the editor", async () => {
  assert.equal(await new Machine({ webgpu: 10, cpu: 9.5 }).fastest(), "webgpu");
  assert.equal(await new Machine({ webgpu: 10, cpu: 8.5 }).fastest(), "cpu");
});

test("where one device alone can run the model, nothing is timed and nothing remembered", async () => {
  for (const [takes, expected] of [
    [{ cpu: 5 }, "cpu"],
    [{ webgpu: 5 }, "webgpu"],
    [{}, undefined],
  ] as const) {
    const machine = new Machine(takes);
    assert.equal(await machine.fastest(), expected);
    assert.equal(machine.remembered, undefined);
  }
});

test("a remembered device that is gone leaves the model to the other one", async () => {
  const machine = new Machine({ cpu: 5 });
  machine.remembered = { webgpu: 1, cpu: 5 };
  assert.equal(await machine.fastest(), "cpu");
});

test("a step's time is the median behind the first ones, and a slow device is not waited for long", async () => {
  let clock = 0;
  const steps = [400, 90, 80, 70, 20, 10, 30, 20, 20, 20, 20, 500, 20];
  let fed = 0;
  const feed = (ids: number[][]) => {
    clock += ids[0].length > 1 ? 1 : (steps[++fed] ?? 20);
    return Promise.resolve();
  };
  const decoder = { feed, truncate: () => Promise.resolve(), dispose: () => Promise.resolve() };
  assert.equal(await stepMillis(decoder, () => clock), 20);

  let slow = 0;
  const crawl = { ...decoder, feed: () => Promise.resolve(void (slow += 2_500)) };
  assert.equal(await stepMillis(crawl, () => slow), 2_500);
  assert.ok(slow <= 7 * 2_500, `${slow} ms`);
});
