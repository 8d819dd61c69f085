/** Waiting for a Worker's next message, whatever happens to it first. */
import type { Worker } from "node:worker_threads";
import type { TextReply } from "./protocol";

/** One sentence a person can act on; shown as it is. */
export class TextError extends Error {
  override readonly name = "TextError";
}

/** The Worker is lost: it broke a limit, or died. */
export class WorkerLostError extends TextError {}

/** So long a Worker is waited for beyond its time: its reply may lie unread because this thread was busy. */
const graceMillis = 100;
/** On a machine that is busy elsewhere the Worker may wait for a processor this many times longer. */
const mostPatience = 15;
const largestMessage = 300;
const remedy = "get tokenizer and chat template from the model's publisher again";

/**
 * Resolves with the next reply's value. Rejects with a WorkerLostError after `millis` of work or
 * when the Worker ends, and with a TextError where the work itself failed. doing: “Encoding the text”.
 */
export function nextReply(worker: Worker, doing: string, millis: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer);
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      act();
    };
    const lose = (why: string) =>
      settle(() => reject(new WorkerLostError(`${doing} ${why}: ${remedy}.`)));
    const onMessage = (reply: TextReply) =>
      settle(() => (reply.ok ? resolve(reply.value) : reject(failure(doing, reply.message))));
    const onError = (error: NodeJS.ErrnoException) => lose(whyLost(error));
    const onExit = () => lose("ended before it was done");
    const timeUp = () => lose(`took longer than ${(millis / 1000).toFixed(1)} s and was stopped`);
    const clock = workClock();
    const look = () => {
      const left = Math.min(millis - clock.worked(), mostPatience * millis - clock.waited());
      timer = left > 0 ? setTimeout(look, left) : setTimeout(timeUp, graceMillis);
    };
    let timer = setTimeout(look, millis);
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
  });
}

/**
 * Milliseconds since now: by the wall, and of this process's work. An endless computation uses all
 * the work that it can get; a Worker that only waits for a processor is not to be ended for it.
 */
function workClock(): { waited(): number; worked(): number } {
  const began = performance.now();
  const before = process.cpuUsage();
  return {
    waited: () => performance.now() - began,
    worked: () => {
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    },
  };
}

function whyLost(error: NodeJS.ErrnoException): string {
  return error.code === "ERR_WORKER_OUT_OF_MEMORY"
    ? "needed more memory than it may have and was stopped"
    : "failed";
}

function failure(doing: string, message: string): TextError {
  const line = message.replace(/\s+/g, " ").slice(0, largestMessage);
  return new TextError(`${doing} failed: ${line}.`.replace(/([.!?])\.$/, "$1"));
}
