/**
 * Ends this process within a second of its parent's end. A hung inference call blocks the main
 * thread for good, so it is a Worker that watches; it has no file of its own to keep the engine
 * one bundle. On Windows an orphan keeps its old ppid, hence the second check.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";

const source = `
const { workerData: parent } = require("node:worker_threads");
function parentLives() {
  if (process.ppid !== parent) return false;
  try {
    process.kill(parent, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
setInterval(() => {
  if (!parentLives()) process.kill(process.pid, "SIGKILL");
}, 500);
`;

/** To be awaited before any work: a Worker cannot start while the main thread is blocked. */
export async function watchParent(): Promise<void> {
  const worker = new Worker(source, { eval: true, workerData: process.ppid });
  await once(worker, "online");
  worker.unref();
}
