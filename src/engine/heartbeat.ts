/**
 * Tells the host that this process runs, and ends it within a second of the host's end. A hung
 * inference call blocks the main thread for good, so it is a Worker that beats; it has no file of
 * its own to keep the engine one bundle. The host alone holds the other end of the pipe, so a beat
 * that cannot be written means that the host is gone, on every platform.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { heartbeat } from "../shared/wire/heartbeat";

const source = `
const { writeSync } = require("node:fs");
const { workerData: { descriptor, everyMillis } } = require("node:worker_threads");
function beat() {
  try {
    writeSync(descriptor, ".");
  } catch (error) {
    if (error.code !== "EAGAIN") process.kill(process.pid, "SIGKILL");
  }
}
beat();
setInterval(beat, everyMillis);
`;

/** To be awaited before any work: a Worker cannot start while the main thread is blocked. */
export async function startHeartbeat(): Promise<void> {
  const worker = new Worker(source, { eval: true, workerData: heartbeat });
  await once(worker, "online");
  worker.unref();
}
