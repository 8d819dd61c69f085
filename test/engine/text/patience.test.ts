/** A call's time is time of work: a machine that is busy elsewhere is no fault of the template's. */
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import type { Worker } from "node:worker_threads";
import { nextReply } from "../../../src/engine/text/workerReply";

/** A Worker that gets no processor for some milliseconds, and then replies. */
function waitingWorker(millis: number): Worker {
  const worker = new EventEmitter();
  setTimeout(() => worker.emit("message", { ok: true, value: "done" }), millis).unref();
  return worker as Worker;
}

test("a Worker that waits for a processor is waited for", async () => {
  assert.equal(await nextReply(waitingWorker(2_000), "Encoding", 800), "done");
});

test("but not for ever", async () => {
  await assert.rejects(
    nextReply(waitingWorker(60_000), "Encoding", 5),
    /^TextError: Encoding took longer than 0\.0 s and was stopped/,
  );
});
