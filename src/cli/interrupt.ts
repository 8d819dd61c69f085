/** Ctrl-C: the first one stops the work cleanly, the second one ends everything at once. */
import type { EngineProcess } from "../client/engineProcess";
import { exitCodes } from "./exitCodes";

export interface Interrupt {
  happened: () => boolean;
  dispose: () => void;
}

export function onInterrupt(engine: EngineProcess, stop: () => Promise<unknown>): Interrupt {
  let times = 0;
  const listener = (): void => {
    times += 1;
    if (times > 1) {
      engine.kill("by a second Ctrl-C");
      process.exit(exitCodes.stopped);
    }
    // What goes wrong in stopping reaches whoever awaits the work itself.
    void stop().catch(() => undefined);
  };
  process.on("SIGINT", listener);
  process.on("SIGTERM", listener);
  return {
    happened: () => times > 0,
    dispose: () => {
      process.off("SIGINT", listener);
      process.off("SIGTERM", listener);
    },
  };
}
