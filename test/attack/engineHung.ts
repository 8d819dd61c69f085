/** T6: the engine hangs within one call, is suspended, or loses its host while it does. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import path from "node:path";
import { mock } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { EngineProcess } from "../../src/client/engine/engineProcess";
import { silentTicks } from "../../src/client/engine/heartbeatWatch";
import { abandonEngine } from "../support/abandonedEngine";
import { endlessModel } from "../support/endlessModel";
import { goneAfter, lives } from "../support/processes";
import { within } from "../support/within";
import type { Attack } from "./attack";
import { spread } from "./figures";

const script = path.resolve("dist/engine.js");
/** 60 s without a sign of progress, a second for the weights' bytes, and 5 s more. */
const watchdogMillis = [61_000, 5_000];
const killedMillis = 2_000;
const orphanMillis = 5_000;

export const engineHung: Attack = {
  id: "T6",
  what: "a model holds a loop without end; the host is killed while its engine hangs",
  goal: "killed within 2 s of the watchdog's time, and not before: a busy engine beats on; no orphan after 5 s, of a suspended one once it goes on",
  short: 1,
  long: 50,
  run: async (times, _, tell) => {
    const folder = await endlessModel();
    try {
      await assertBusyIsNotSuspended(folder);
      const [killed, orphans, suspended]: number[][] = [[], [], []];
      for (let turn = 0; turn < times; turn++) {
        killed.push(await watchdogKills(folder));
        for (let host = 0; host < 2; host++) orphans.push(await orphanEnds(folder));
        if (turn % 10 === 0) suspended.push(await suspendedOrphanEnds(folder));
        tell(`${turn + 1} of ${times}`);
      }
      return [
        `${killed.length} loops killed, ${spread(killed)} after the watchdog's time`,
        `${orphans.length} hosts killed, engine gone ${spread(orphans)} later`,
        `${suspended.length} more with a suspended engine, gone ${spread(suspended)} after it went on`,
      ].join("; ");
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

/** Resolves when the engine is in the loop, or as good as. */
async function hang(engine: EngineProcess, folder: string): Promise<{ failed: Promise<unknown> }> {
  const reached = new Promise<void>((resolve) => {
    engine.subscribe({ loading: ({ stage }) => stage === "session" && resolve() });
  });
  const load = engine.request("load", { folder, device: "cpu" });
  load.catch(() => undefined);
  await within(30_000, "the loop's beginning", reached);
  return { failed: assert.rejects(load, /“load” made no progress for \d+ s/) };
}

async function assertBusyIsNotSuspended(folder: string): Promise<void> {
  const engine = new EngineProcess({ script });
  try {
    const { failed } = await hang(engine, folder);
    failed.catch(() => undefined); // It is ended here, and for another reason.
    await sleep((silentTicks + 2) * 1_000);
    assert.ok(lives(engine.pid ?? 0), "a busy engine was taken for a suspended one");
  } finally {
    await engine.dispose();
  }
}

/** Milliseconds from the watchdog's time to the engine's end; the clock is set forward. */
async function watchdogKills(folder: string): Promise<number> {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const engine = new EngineProcess({ script });
  try {
    const { failed } = await hang(engine, folder);
    const due = performance.now();
    for (const wait of watchdogMillis) mock.timers.tick(wait);
    await within(killedMillis, "the end of an engine that hangs", failed);
    return performance.now() - due;
  } finally {
    mock.timers.reset();
    await engine.dispose();
  }
}

async function orphanEnds(folder: string): Promise<number> {
  const { host, engine } = await abandonEngine(script, folder);
  host.kill("SIGKILL");
  return goneAfter(engine, orphanMillis);
}

/** Nothing but its continuing ends a suspended process whose host is dead. */
async function suspendedOrphanEnds(folder: string): Promise<number> {
  if (process.platform === "win32") return 0;
  const { host, engine } = await abandonEngine(script, folder);
  process.kill(engine, "SIGSTOP");
  host.kill("SIGKILL");
  process.kill(engine, "SIGCONT");
  return goneAfter(engine, orphanMillis);
}
