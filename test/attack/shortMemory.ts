import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { EngineEndedError } from "../../src/client/engine/engineEnd";
import { EngineProcess } from "../../src/client/engine/engineProcess";
import type { Attack } from "./attack";

const model = { folder: path.resolve("media/model"), device: "cpu" } as const;
/** Shares of what a load needs. */
const shares = [0.5, 0.8, 1, 1.2];
const [least, most] = [shares[0], shares.at(-1)];

function startEngine(): EngineProcess {
  return new EngineProcess({ script: path.resolve("dist/engine.js") });
}

/** Bytes of data that the engine holds once the model is loaded. */
async function bytesNeeded(): Promise<number> {
  const engine = startEngine();
  try {
    await engine.request("load", model);
    const found = /VmData:\s+(\d+) kB/.exec(readFileSync(`/proc/${engine.pid}/status`, "utf8"));
    return Number(found?.[1]) * 1024;
  } finally {
    await engine.dispose();
  }
}

/** Loads with no more data than `bytes`: “loaded”, or the sentence that it failed with. */
async function loadWithin(bytes: number): Promise<string> {
  const engine = startEngine();
  try {
    await engine.request("countTokens", { messages: [] }).catch(() => undefined);
    const limit = spawnSync("prlimit", [
      "--pid",
      String(engine.pid),
      `--data=${Math.round(bytes)}`,
    ]);
    assert.equal(limit.status, 0, String(limit.stderr));
    await engine.request("load", model);
    return "loaded";
  } catch (error) {
    assert.ok(error instanceof Error && error.message.length > 0);
    return error instanceof EngineEndedError ? `ended: ${error.message}` : error.message;
  } finally {
    await engine.dispose();
  }
}

export const shortMemory: Attack = {
  id: "T12",
  what: "a model loaded with 0.5 to 1.2 of the memory that it needs",
  goal: "host alive, each load ends in a model or a sentence; 1.2 loads, 0.5 does not",
  short: 4,
  long: 40,
  absent: () =>
    spawnSync("prlimit", ["--version"]).status === 0
      ? undefined
      : "prlimit, which limits another process's memory on Linux, is not here",
  run: async (times) => {
    const needed = await bytesNeeded();
    const seen = new Map<number, number>(shares.map((share) => [share, 0]));
    for (let n = 0; n < times; n++) {
      const share = shares[n % shares.length];
      const ended = await loadWithin(needed * share);
      if (share === most) assert.equal(ended, "loaded");
      if (share === least) assert.notEqual(ended, "loaded");
      if (ended === "loaded") seen.set(share, (seen.get(share) ?? 0) + 1);
    }
    const loaded = [...seen].map(([share, count]) => `${count} with ${share}`).join(", ");
    return `${times} loads with shares of ${Math.round(needed / 2 ** 20)} MB; loaded: ${loaded}`;
  },
};
