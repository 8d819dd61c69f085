/**
 * The one place where the errors of sockets end. A connection can break at any moment: before its
 * request is whole, after it was refused, in the middle of an answer; and Node ends the process over
 * an `error` event that nobody listens to, as over a rejection that nobody awaits.
 */
import type { EventEmitter } from "node:events";

/** To be called as soon as there is the thing, and once: nothing that takes it over undoes it. */
export function endErrorsOf(source: EventEmitter): void {
  source.on("error", () => undefined);
}

/** Whatever a handler throws or rejects with ends its connection, and nothing else. */
export function survive(work: () => void | Promise<void>, end: () => void): void {
  const tried = async (): Promise<void> => work();
  tried().catch(end);
}
