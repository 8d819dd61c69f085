/** Ctrl-C: where work can be stopped cleanly the first one does that; else it ends everything at once. */
import type { EngineProcess } from "../client/engine/engineProcess";
import { exitCodes } from "./exitCodes";
import { aside } from "./terminal";

export interface Interrupt {
  happened: () => boolean;
  dispose: () => void;
}

/** The last one alone gets the signal. */
const listeners: (() => void)[] = [];

function onSignal(): void {
  listeners.at(-1)?.();
}

/** Until it is disposed, the first Ctrl-C stops the work cleanly, the second one ends everything. */
export function onInterrupt(engine: EngineProcess, stop: () => Promise<unknown>): Interrupt {
  let times = 0;
  const dispose = listen(() => {
    times += 1;
    if (times > 1) endAtOnce(engine);
    // What goes wrong in stopping reaches whoever awaits the work itself.
    void stop().catch(() => undefined);
  });
  return { happened: () => times > 0, dispose };
}

/** Until the returned function is called, Ctrl-C ends everything at once: a load cannot be stopped. */
export function endOnInterrupt(engine: EngineProcess): () => void {
  return listen(() => endAtOnce(engine));
}

function listen(listener: () => void): () => void {
  if (listeners.length === 0) for (const signal of signals) process.on(signal, onSignal);
  listeners.push(listener);
  return () => {
    listeners.splice(listeners.indexOf(listener), 1);
    if (listeners.length === 0) for (const signal of signals) process.off(signal, onSignal);
  };
}

const signals = ["SIGINT", "SIGTERM"] as const;

function endAtOnce(engine: EngineProcess): never {
  engine.kill("by Ctrl-C");
  aside.write("\nStopped.\n");
  process.exit(exitCodes.stopped);
}
