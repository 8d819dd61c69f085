/** T16: one run that goes on and on, and many loads and unloads. */
import assert from "node:assert/strict";
import path from "node:path";
import { EngineSupervisor } from "../../src/client/engine/engineSupervisor";
import { soak } from "../support/soakRun";
import type { Attack } from "./attack";

const folder = path.resolve("media/model");
/** A shorter run says nothing of how memory grows. */
const fewestTellingTokens = 10_000;
const mostGrowth = 1;
const tokensPerLoad = 200;
const mostHostGrowth = 1.05;
const mostHandles = 2;

export const soaked: Attack = {
  id: "T16",
  what: "a run of thousands of tokens at a fixed budget, and many loads and unloads",
  goal: "the cache never grows again, the process by at most 1 MB in 1,000 tokens; each load gets a new process; host's memory within 5 %, handles within 2",
  short: 1_000,
  long: 20_000,
  /** `times` is in tokens; a load for every 200 of them. */
  run: async (times, _, tell) => {
    const loads = await loadAgain(Math.ceil(times / tokensPerLoad), tell);
    const { tokens, compactions, peaks, growth, tokensPerSecond } = await soak(folder, times);
    assert.equal(tokens, times);
    assert.equal(peaks[1], peaks[0], "the cache grew after the first compaction");
    assert.ok(times < fewestTellingTokens || growth <= mostGrowth, `${growth} MB/1,000 tokens`);
    const grown = times < fewestTellingTokens ? "too short to tell" : `${growth.toFixed(2)} MB`;
    return [
      `${tokens} tokens at ${tokensPerSecond.toFixed(0)}/s, ${compactions} compactions, cache ${peaks[0]} B at first and at last`,
      `process grows by 1,000 tokens: ${grown}`,
      loads,
    ].join("; ");
  },
};

/** The host's memory and handles after the first load, where all is warm, and after the last. */
async function loadAgain(times: number, tell: (progress: string) => void): Promise<string> {
  const supervisor = new EngineSupervisor({
    script: path.resolve("dist/engine.js"),
    idleMillis: () => 0,
    onStatus: () => undefined,
    onNotice: () => undefined,
  });
  const pids = new Set<number | undefined>();
  const load = async (): Promise<void> => {
    const pid = await supervisor.use({ folder, device: "cpu" }, ({ engine }) =>
      Promise.resolve(engine.pid),
    );
    pids.add(pid);
    await supervisor.unload();
  };
  await load();
  const before = standing();
  for (let done = 1; done <= times; done++) {
    await load();
    if (done % 20 === 0) tell(`${done} of ${times} loads`);
  }
  const after = standing();
  assert.equal(pids.size, times + 1, "a process was used twice");
  assert.ok(after.handles <= before.handles + mostHandles, `${after.handles} handles`);
  const grown = after.bytes / before.bytes;
  assert.ok(grown <= mostHostGrowth, `the host grew to ${(100 * grown).toFixed(0)} %`);
  return `${times} loads and unloads: host's memory ${(100 * grown).toFixed(0)} % of what it was, handles ${before.handles} and ${after.handles}`;
}

function standing(): { bytes: number; handles: number } {
  return {
    bytes: process.memoryUsage.rss(),
    handles: process.getActiveResourcesInfo().length,
  };
}
