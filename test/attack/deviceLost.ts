/** T11: a device that worked is lost in the middle of a run. A real reset needs one to reset. */
import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { EngineEndedError } from "../../src/client/engine/engineEnd";
import { EngineSupervisor } from "../../src/client/engine/engineSupervisor";
import type { GenerationEnd } from "../../src/shared/wire/engineApi";
import { ask } from "../support/ask";
import { bundle } from "../support/bundle";
import { shortQuestion } from "../support/realChat";
import type { Attack } from "./attack";
import { spread } from "./figures";

const errors = [
  "Failed to wait for the operation:DXGI_ERROR_DEVICE_REMOVED 887A0005",
  "887A0006 The GPU will not respond to more commands",
  "887A0007 The GPU device instance has been suspended",
  "CUDA error 700: an illegal memory access was encountered",
  "CUDNN failure 4: CUDNN_STATUS_INTERNAL_ERROR ; GPU=0",
  "[WebGPU] Device lost. Reason: unknown",
];
const choice = { folder: path.resolve("media/model"), device: "cuda" as const };
/** Of the graphs that load and run make: more than a load needs, fewer than the run does. */
const [fewestRuns, mostRuns] = [8, 80];

export const deviceLost: Attack = {
  id: "T11",
  what: "the device is lost in the middle of a run (injected; a real reset is not tried)",
  goal: "the process ends, the person reads the device's own words, the next question gets a new process; a device that was chosen by itself gives way to the CPU after the second time",
  short: 2,
  long: 60,
  run: async (times, chance, tell) => {
    const folder = await mkdtemp("dist/attack-");
    try {
      const script = path.resolve(bundle("test/support/lostDeviceEngine.ts", folder));
      await copyFile("dist/textWorker.js", path.join(folder, "textWorker.js"));
      const millis: number[] = [];
      for (let turn = 0; turn < times; turn++) {
        const loss = `${chance.integer(fewestRuns, mostRuns)} ${chance.pick(errors)}`;
        millis.push(await lose(script, loss));
        tell(`${turn + 1} of ${times}: ${loss}`);
      }
      return `${times} of ${times} told in the device's words and answered by the next process, which took ${spread(millis)}`;
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  },
};

/** Milliseconds that the question after the loss took, a new process and its load included. */
async function lose(script: string, loss: string): Promise<number> {
  const supervisor = new EngineSupervisor({
    script,
    idleMillis: () => 0,
    onStatus: () => undefined,
    onNotice: () => undefined,
  });
  const answered = (): Promise<GenerationEnd> =>
    supervisor.use(choice, ({ engine }) => engine.request("generate", ask(shortQuestion)));
  try {
    process.env.LC_LOST = loss;
    const lost = answered();
    const words = loss.slice(loss.indexOf(" ") + 1);
    await assert.rejects(lost, (error) => {
      assert.ok(error instanceof EngineEndedError, String(error));
      assert.ok(error.message.endsWith(`The device cuda failed: ${words}`), error.message);
      return true;
    });
    process.env.LC_LOST = "1000000 never";
    const began = performance.now();
    assert.equal((await answered()).tokens, 100);
    return performance.now() - began;
  } finally {
    delete process.env.LC_LOST;
    await supervisor.unload();
  }
}
