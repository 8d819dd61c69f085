/** T10: the device that was asked for is not there, or its libraries are not. */
import assert from "node:assert/strict";
import path from "node:path";
import { EngineSupervisor, type ReadyModel } from "../../src/client/engine/engineSupervisor";
import type { DeviceChoice } from "../../src/shared/settings/settings";
import type { Attack } from "./attack";
import { spread, tally } from "./figures";

const folder = path.resolve("media/model");
const devices = ["cuda", "coreml", "dml", "webgpu"] as const;
const mostExtraMillis = 1_000;

export const noDevice: Attack = {
  id: "T10",
  what: "a device is asked for that this machine does not have",
  goal: "“auto” runs on the CPU within 1 s of what “cpu” takes; a device asked for by name is refused by its name, and the CPU runs the model at once",
  short: 4,
  long: 40,
  run: async (times, _, tell) => {
    await loadOn("cpu"); // The rewritten graph is cached from here on.
    const extra: number[] = [];
    const fates: string[] = [];
    for (let turn = 0; turn < times; turn++) {
      const device = devices[turn % devices.length];
      const auto = await loadOn("auto");
      fates.push(`${device} ${await fateOf(device)}`);
      const cpu = await loadOn("cpu");
      extra.push(auto.millis - cpu.millis);
      tell(fates[turn]);
    }
    const middle = extra.toSorted((a, b) => a - b)[Math.floor(times / 2)];
    assert.ok(middle <= mostExtraMillis, `“auto” takes ${middle.toFixed(0)} ms more than “cpu”`);
    return `${tally(fates)}; “auto” took longer than “cpu” by ${spread(extra)}`;
  },
};

interface Load {
  device: string;
  millis: number;
}

async function loadOn(device: DeviceChoice): Promise<Load> {
  const supervisor = new EngineSupervisor({
    script: path.resolve("dist/engine.js"),
    idleMillis: () => 0,
    onStatus: () => undefined,
    onNotice: () => undefined,
  });
  try {
    const began = performance.now();
    const info = ({ info }: ReadyModel) => Promise.resolve(info);
    const loaded = await supervisor.use({ folder, device }, info);
    return { device: loaded.device, millis: performance.now() - began };
  } finally {
    await supervisor.unload();
  }
}

async function fateOf(device: DeviceChoice): Promise<"runs here" | "refused"> {
  try {
    assert.equal((await loadOn(device)).device, device);
    return "runs here";
  } catch (error) {
    const { message } = error as Error;
    assert.match(message, /^The model runs on none of the devices tried\. /);
    assert.ok(message.includes(`${device}: `), message);
    return "refused";
  }
}
