/**
 * What a small budget gains: a model of 1.54 billion int4 parameters goes on from a long prompt with
 * its whole cache, and with R-KV at 10 % of it, in turn. `npm run bench -- gain webgpu` takes
 * another device than the CPU; `gain webgpu 3584` another length than 2,048 tokens.
 */
import path from "node:path";
import { EngineProcess } from "../src/client/engine/engineProcess";
import type { CacheSettings, DeviceChoice } from "../src/shared/settings/settings";
import {
  defaultCacheSettings,
  defaultSamplingSettings,
  deviceNames,
} from "../src/shared/settings/settings";
import { withWholeModel } from "./support/stockModel";
import { median, printTable } from "./support/table";

const [, , deviceName = "cpu", length = "2048"] = process.argv;
const device = deviceNames.find((name) => name === deviceName);
const promptTokens = Number(length);
const share = 10;
const rounds = 3;
/** Two fillings of the buffer, so that compactions have their part in it. */
const tokens = 2 * defaultCacheSettings.buffer;
const budgets = {
  full: { ...defaultCacheSettings, policy: "full" },
  "rkv, 10 %": {
    ...defaultCacheSettings,
    budget: { kind: "count", slots: Math.round((promptTokens * share) / 100) },
  },
} satisfies Record<string, CacheSettings>;
const chainCounts = [1, 4];

interface Reading {
  /** Milliseconds a step; each chain gets a token. */
  step: number;
  kvBytes: number;
}

async function measure(modelFile: string, on: DeviceChoice): Promise<void> {
  const engine = new EngineProcess({ script: path.resolve("dist/engine.js") });
  try {
    const { contextLength } = await engine.request("load", { folder: modelFile, device: on });
    if (promptTokens + tokens > contextLength)
      throw new Error(
        `The model reads ${contextLength} tokens, ${tokens} of them after the prompt.`,
      );
    const rows: Record<string, string>[] = [];
    for (const chains of chainCounts) rows.push(...(await compare(engine, chains)));
    printTable(
      `${tokens} tokens after a prompt of ${promptTokens}, on ${on}, ${rounds} times each (medians)`,
      rows,
    );
  } finally {
    await engine.dispose();
  }
}

async function compare(engine: EngineProcess, chains: number): Promise<Record<string, string>[]> {
  const readings = new Map<string, Reading[]>();
  for (let round = 0; round < rounds; round++)
    for (const [name, cache] of Object.entries(budgets)) {
      const reading = await decode(engine, cache, chains);
      readings.set(name, [...(readings.get(name) ?? []), reading]);
      console.error(`${chains} × ${name}: ${reading.step.toFixed(1)} ms a step`);
    }
  const steps = [...readings].map(([name, all]) => ({ name, ...medianOf(all) }));
  return steps.map(({ name, step, kvBytes }) => ({
    chains: String(chains),
    cache: name,
    "ms a step": step.toFixed(1),
    "tokens/s": ((1000 * chains) / step).toFixed(1),
    "against full": `${(steps[0].step / step).toFixed(2)} ×`,
    "cache, MiB": (kvBytes / 2 ** 20).toFixed(0),
  }));
}

function medianOf(readings: Reading[]): Reading {
  return { step: median(readings.map(({ step }) => step)), kvBytes: readings[0].kvBytes };
}

/** Counts from the first figures after the prompt and its compaction. */
async function decode(
  engine: EngineProcess,
  cache: CacheSettings,
  chains: number,
): Promise<Reading> {
  let first: { at: number; position: number } | undefined;
  const stopListening = engine.subscribe({
    figures: ({ position }) => {
      if (position > promptTokens) first ??= { at: performance.now(), position };
    },
  });
  const ids = Array.from({ length: promptTokens }, (_, i) => (i * 17) % 64);
  const { position, kvBytes } = await engine.request("generate", {
    ...{ run: "gain", prompt: { kind: "ids", ids }, cache, sampling: defaultSamplingSettings },
    ...{ chains, maxTokens: tokens },
  });
  stopListening();
  if (!first) throw new Error("The run ended before it told any figures.");
  return { step: (performance.now() - first.at) / (position - first.position), kvBytes };
}

if (!device || !(promptTokens >= tokens)) {
  console.error(`Usage: gain [${deviceNames.join("|")}] [TOKENS, ${tokens} or more]`);
  process.exitCode = 2;
} else void withWholeModel((modelFile) => measure(modelFile, device));
