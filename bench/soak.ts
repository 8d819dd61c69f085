/**
 * What 20,000 tokens at a fixed budget leave behind: bytes of the cache after the first compaction
 * and at the end, and how fast the engine's memory grows, with a trace written all the while. The
 * reply's own end is ignored, or no run would be so long. A folder or a number of tokens may follow.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { conductRun } from "../src/engine/run/conductRun";
import { loadModel } from "../src/engine/model/loadedModel";
import type { Emit } from "../src/engine/run/outbox";
import { defaultCacheSettings, defaultSamplingSettings } from "../src/shared/settings";
import { printTable } from "./support/table";

const [folder = "media/model", tokens = "20000"] = process.argv.slice(2);
const maxTokens = Number(tokens);
const cache = { ...defaultCacheSettings, budget: { kind: "count" as const, slots: 256 } };
/** The process fills its heaps and pools before this. */
const settledTokens = 2000;

interface Reading {
  position: number;
  kvBytes: number;
  compactions: number;
  processBytes: number;
}

async function main(): Promise<void> {
  const loaded = await loadModel(
    folder,
    "cpu",
    () => undefined,
    path.resolve("dist/textWorker.js"),
  );
  const model = { ...loaded, endIds: new Set<number>() };
  const traceFolder = await mkdtemp(path.join(tmpdir(), "rkv-lens-soak-"));
  const readings: Reading[] = [];
  const emit: Emit = (name, event) => {
    if (name === "figures" && "kvBytes" in event)
      readings.push({ ...event, processBytes: process.memoryUsage.rss() });
    return Promise.resolve();
  };
  const content =
    "Ned has 32 cards. Ava has 10 fewer than Ned. Hal has twice as many as Ava. How many cards does Hal have?";
  try {
    const end = await conductRun(
      model,
      {
        run: "soak",
        prompt: { kind: "chat", messages: [{ role: "user", content }] },
        ...{ cache, maxTokens, chains: 1, sampling: defaultSamplingSettings },
        traceFile: path.join(traceFolder, "soak.rkvtrace"),
      },
      { run: "soak", cache, isCancelled: false },
      emit,
    );
    report(readings, end.chains[0].tokenIds.length, end.tokensPerSecond);
  } finally {
    await rm(traceFolder, { recursive: true });
    await model.text?.close();
  }
}

function report(readings: Reading[], decoded: number, tokensPerSecond: number): void {
  const atBudget = readings.filter(({ compactions }) => compactions > 0);
  const peaks = [atBudget.slice(0, 500), atBudget.slice(-500)].map((some) =>
    Math.max(...some.map(({ kvBytes }) => kvBytes)),
  );
  printTable(`${decoded} tokens of ${folder} at budget 256 + buffer 128`, [
    {
      "largest cache after the first compaction": `${peaks[0]} B`,
      "at the end": `${peaks[1]} B`,
      compactions: String(readings.at(-1)?.compactions),
      "process memory per 1,000 tokens": `${growth(readings).toFixed(2)} MB`,
      "tokens a second": tokensPerSecond.toFixed(0),
    },
  ]);
}

/** Megabytes per 1,000 tokens: the least-squares slope, once the process has settled. */
function growth(readings: Reading[]): number {
  const settled = readings.filter(({ position }) => position > settledTokens);
  const mean = (of: (reading: Reading) => number) =>
    settled.reduce((sum, reading) => sum + of(reading), 0) / settled.length;
  const [meanX, meanY] = [mean((r) => r.position), mean((r) => r.processBytes)];
  const covariance = mean((r) => (r.position - meanX) * (r.processBytes - meanY));
  return ((covariance / mean((r) => (r.position - meanX) ** 2)) * 1000) / 2 ** 20;
}

void main();
