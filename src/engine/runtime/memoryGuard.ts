/**
 * Ends this process when a model takes far more memory than its weights explain, before the machine
 * runs out of it. Inference blocks the main thread, so it is a Worker that watches; it has no file of
 * its own to keep the engine one bundle.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { overMemory } from "../../shared/wire/overMemory";

const megabyte = 1 << 20;
/** What small models take. */
const baseMegabytes = 1_280;
/** Weights as they are, as float32, packed for the processor, and a device's copy. */
const timesWeights = 6;

/** Sleeps while there is no limit (0). */
const source = `
const { writeSync } = require("node:fs");
const { workerData: { limit, words } } = require("node:worker_threads");
for (;;) {
  const megabytes = Atomics.load(limit, 0);
  Atomics.wait(limit, 0, megabytes, megabytes === 0 ? Infinity : 25);
  if (megabytes === 0 || process.memoryUsage.rss() < megabytes * 2 ** 20) continue;
  writeSync(2, "\\n" + words.replace("N", megabytes) + "\\n");
  process.kill(process.pid, "SIGKILL");
}
`;

const limit = new Int32Array(new SharedArrayBuffer(4));
let watching: Promise<unknown> | undefined;

/** Runs `work` with a limit on what this process takes more, generous for weights of so many bytes. */
export async function withinMemory<T>(weightBytes: number, work: () => Promise<T>): Promise<T> {
  // To be awaited: a Worker cannot start while the main thread is blocked.
  await (watching ??= watch());
  const bytes = process.memoryUsage.rss() + timesWeights * weightBytes;
  setLimit(baseMegabytes + Math.ceil(bytes / megabyte));
  try {
    return await work();
  } finally {
    setLimit(0);
  }
}

async function watch(): Promise<void> {
  const workerData = { limit, words: overMemory("N") };
  const worker = new Worker(source, { eval: true, workerData });
  await once(worker, "online");
  worker.unref();
}

function setLimit(megabytes: number): void {
  Atomics.store(limit, 0, megabytes);
  Atomics.notify(limit, 0);
}
