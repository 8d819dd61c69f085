/** T7: an engine that crashes over and over, told from one that ends in good order, by a clock of its own. */
import assert from "node:assert/strict";
import { mock } from "node:test";
import { EngineSupervisor } from "../../src/client/engine/engineSupervisor";
import { ask } from "../support/ask";
import { bundle } from "../support/bundle";
import type { Attack } from "./attack";
import { tally } from "./figures";

const windowMillis = 180_000;
const mostCrashes = 4;
const events = [
  "crash",
  "crash",
  "crash",
  "exit",
  "answer",
  "crash in load",
  "start again",
] as const;
type Event = (typeof events)[number];
type Fate = "crashed" | "ended" | "answered" | "refused" | "allowed";

export const crashLoop: Attack = {
  id: "T7",
  what: "the engine crashes again and again, in runs and in loads, among good ends",
  goal: "stops at the fifth crash within 3 min with one sentence until the person asks again; a load that crashed is not repeated; a good end is no crash",
  short: { inTests: "test/client/engine/engineSupervisor.test.ts" },
  long: 400,
  run: async (times, chance, tell) => {
    mock.timers.enable({ apis: ["Date"] });
    const loop = new Loop(bundle("test/support/fakeEngine.ts"));
    try {
      const fates: Fate[] = [];
      for (let turn = 0; turn < times; turn++) {
        mock.timers.tick(chance.integer(0, 60_000));
        fates.push(await loop.next(chance.pick(events)));
        if (turn % 50 === 49) tell(tally(fates));
      }
      return `${tally(fates)}, each as foretold`;
    } finally {
      mock.timers.reset();
      await loop.close();
    }
  },
};

/** The supervisor, and beside it what should come of it. */
class Loop {
  private readonly supervisor: EngineSupervisor;
  private crashes: number[] = [];
  private hasCrashedInLoad = false;

  constructor(script: string) {
    this.supervisor = new EngineSupervisor({
      script,
      idleMillis: () => 0,
      onStatus: () => undefined,
      onNotice: () => assert.fail("no device was chosen by itself"),
    });
  }

  /** Does it, and throws if another fate comes of it than the crashes so far say. */
  async next(event: Event): Promise<Fate> {
    if (event === "start again") {
      this.supervisor.allowAnotherTry();
      this.crashes = [];
      this.hasCrashedInLoad = false;
      return "allowed";
    }
    const foretold = this.foretell(event);
    const fate = await this.try(event);
    assert.equal(fate, foretold, `${event} after ${this.crashes.length} crashes`);
    if (fate === "crashed") this.crashes.push(Date.now());
    if (fate === "crashed" && event === "crash in load") this.hasCrashedInLoad = true;
    return fate;
  }

  close(): Promise<void> {
    return this.supervisor.unload();
  }

  private foretell(event: Exclude<Event, "start again">): Fate {
    const recent = this.crashes.filter((at) => Date.now() - at < windowMillis);
    const isLoaded = this.supervisor.status.kind === "ready" && event !== "crash in load";
    if (!isLoaded && recent.length > mostCrashes) return "refused";
    switch (event) {
      case "crash":
        return "crashed";
      case "crash in load":
        return this.hasCrashedInLoad ? "refused" : "crashed";
      case "exit":
        return "ended";
      case "answer":
        return "answered";
      default:
        return event satisfies never;
    }
  }

  private async try(event: Exclude<Event, "start again">): Promise<Fate> {
    const folder = event === "crash in load" ? "/models/crash-on-load" : "/models/good";
    const words = event === "answer" ? "hello" : event;
    try {
      await this.supervisor.use({ folder, device: "cpu" }, ({ engine }) =>
        engine.request("generate", ask(words)),
      );
      return "answered";
    } catch (error) {
      const { message } = error as Error;
      if (/not started again by itself|not tried again by itself/.test(message)) return "refused";
      return /SIGSEGV/.test(message) ? "crashed" : "ended";
    }
  }
}
