/** A run that never ends by itself, at a fixed budget, with a trace: what it leaves behind as it goes on. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { loadModel } from "../../src/engine/model/loadModel";
import { conductRun } from "../../src/engine/run/conductRun";
import type { Emit } from "../../src/engine/run/outbox";
import { defaultCacheSettings, defaultSamplingSettings } from "../../src/shared/settings/settings";
import { shortQuestion } from "./realChat";

const soakCache = {
  ...defaultCacheSettings,
  budget: { kind: "count" as const, slots: 256 },
};
/** The process fills its heaps and pools before this. */
const settledTokens = 2_000;

export interface SoakFigures {
  tokens: number;
  compactions: number;
  tokensPerSecond: number;
  /** Largest cache soon after the first compaction, and at the end, in bytes. */
  peaks: [number, number];
  /** Megabytes that the process grows by in 1,000 tokens. */
  growth: number;
  /** Milliseconds a token in the first and in the last quarter, once the process has settled. */
  paces: [number, number];
}

interface Reading {
  position: number;
  kvBytes: number;
  compactions: number;
  processBytes: number;
  /** performance.now() */
  at: number;
}

/** Decodes so many tokens; the reply's own end is ignored, or no run would be so long. */
export async function soak(folder: string, maxTokens: number): Promise<SoakFigures> {
  const textWorker = path.resolve("dist/textWorker.js");
  const loaded = await loadModel({ folder, device: "cpu" }, () => undefined, textWorker);
  const traceFolder = await mkdtemp(path.join(tmpdir(), "rkv-lens-soak-"));
  const readings: Reading[] = [];
  const emit: Emit = (name, event) => {
    if (name === "figures" && "kvBytes" in event)
      readings.push({
        ...event,
        processBytes: process.memoryUsage.rss(),
        at: performance.now(),
      });
    return Promise.resolve();
  };
  try {
    const end = await conductRun(
      { ...loaded, endIds: new Set<number>() },
      {
        run: "soak",
        prompt: { kind: "chat", messages: [{ role: "user", content: shortQuestion }] },
        cache: soakCache,
        maxTokens,
        chains: 1,
        sampling: defaultSamplingSettings,
        traceFile: path.join(traceFolder, "soak.rkvtrace"),
      },
      { run: "soak", cache: soakCache, isCancelled: false },
      emit,
    );
    const { compactions, tokensPerSecond } = end;
    const tokens = end.chains[0].tokenIds.length;
    return {
      tokens,
      compactions,
      tokensPerSecond,
      peaks: peaks(readings),
      growth: growth(readings),
      paces: paces(readings),
    };
  } finally {
    await rm(traceFolder, { recursive: true });
    await loaded.text?.close();
    await loaded.decoder.dispose();
  }
}

function peaks(readings: Reading[]): [number, number] {
  const atBudget = readings.filter(({ compactions }) => compactions > 0);
  const largest = (some: Reading[]) => Math.max(...some.map(({ kvBytes }) => kvBytes));
  return [largest(atBudget.slice(0, 500)), largest(atBudget.slice(-500))];
}

function settledOf(readings: Reading[]): Reading[] {
  return readings.filter(({ position }) => position > settledTokens);
}

function paces(readings: Reading[]): [number, number] {
  const settled = settledOf(readings);
  const quarter = Math.floor(settled.length / 4);
  const pace = (some: Reading[]): number => {
    const [first, last] = [some[0], some[some.length - 1]];
    return some.length < 2 ? NaN : (last.at - first.at) / (last.position - first.position);
  };
  return [pace(settled.slice(0, quarter)), pace(settled.slice(-quarter))];
}

/** The least-squares slope, once the process has settled; 0 where it has not. */
function growth(readings: Reading[]): number {
  const settled = settledOf(readings);
  if (settled.length < 2) return 0;
  const mean = (of: (reading: Reading) => number) =>
    settled.reduce((sum, reading) => sum + of(reading), 0) / settled.length;
  const [meanX, meanY] = [mean((r) => r.position), mean((r) => r.processBytes)];
  const covariance = mean((r) => (r.position - meanX) * (r.processBytes - meanY));
  return ((covariance / mean((r) => (r.position - meanX) ** 2)) * 1000) / 2 ** 20;
}
