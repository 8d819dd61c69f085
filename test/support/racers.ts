/** Processes that race for locks: test/support/racer.ts. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { bundle } from "./bundle";
import type { Order, Report } from "./racer";
import { within } from "./within";

export class Racers {
  private readonly processes: ChildProcess[];

  constructor(count: number) {
    const script = bundle("test/support/racer.ts");
    this.processes = Array.from({ length: count }, () => fork(script));
  }

  /** Rejects where a process has ended. */
  all(order: Order): Promise<Report[]> {
    return Promise.all(this.processes.map((racer) => tell(racer, order)));
  }

  /** Without the chance to let go of anything. */
  async kill(): Promise<void> {
    await Promise.all(
      this.processes.map(async (racer) => {
        if (racer.exitCode === null && racer.kill("SIGKILL")) await once(racer, "exit");
      }),
    );
  }
}

async function tell(racer: ChildProcess, order: Order): Promise<Report> {
  const stop = new AbortController();
  const { signal } = stop;
  try {
    racer.send(order);
    const ended = once(racer, "exit", { signal }).then((): never => {
      throw new Error("A process that raced for a lock has ended.");
    });
    const told = once(racer, "message", { signal }) as Promise<[Report]>;
    const [report] = await within(60_000, "a racer's report", Promise.race([told, ended]));
    return report;
  } finally {
    stop.abort();
  }
}
