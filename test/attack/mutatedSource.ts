/** T24: faults are put into the sources that safety rests on, one at a time; do the tests notice? */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import type { Attack } from "./attack";
import { mutated, type Mutation, mutationsOf } from "./mutations";

/** Sources, and the tests that are to notice. */
const guarded: { source: string; tests: string[] }[] = [
  { source: "src/client/engine/engineSupervisor.ts", tests: ["client/engine/engineSupervisor"] },
  {
    source: "src/client/engine/engineProcess.ts",
    tests: ["client/engine/engineProcess", "client/engine/modelCrash"],
  },
  { source: "src/client/engine/heartbeatWatch.ts", tests: ["client/engine/heartbeatWatch"] },
  { source: "src/client/engine/progressWatchdog.ts", tests: ["client/engine/progressWatchdog"] },
  { source: "src/client/engine/runQueue.ts", tests: ["client/engine/runQueue"] },
  {
    source: "src/shared/trace/frameReader.ts",
    tests: ["shared/trace/frameReader", "shared/trace/recovery", "shared/trace/roundTrip"],
  },
  {
    source: "src/shared/trace/reader.ts",
    tests: ["shared/trace/reader", "shared/trace/recovery", "shared/trace/roundTrip"],
  },
  {
    source: "src/shared/trace/payload.ts",
    tests: ["shared/trace/payload", "shared/trace/recovery", "shared/trace/roundTrip"],
  },
  {
    source: "src/engine/compaction/due.ts",
    tests: ["engine/compaction/due", "engine/run/changing"],
  },
  { source: "src/engine/compaction/selection.ts", tests: ["engine/compaction/selection"] },
  {
    source: "src/onnx/weights/weightFiles.ts",
    tests: ["onnx/weights/weightFiles", "onnx/badModels"],
  },
];
const goalShare = 0.8;
/** A fault may make a loop endless. */
const slowestTestMillis = 120_000;

interface Trial {
  source: string;
  tests: string[];
  mutation: Mutation;
}

export const mutatedSource: Attack = {
  id: "T24",
  what: "faults put into supervisor, watchdogs, trace framing, preflight and compaction, one at a time",
  goal: "the tests notice at least 80 % of them",
  short: { inTests: "test/attack/mutations.test.ts" },
  long: 150,
  run: async (times, chance, tell) => {
    const all = await allTrials();
    const unnoticed: string[] = [];
    const trials = chance.sample(all, Math.min(times, all.length));
    for (const [turn, trial] of trials.entries()) {
      if (!(await isNoticed(trial))) {
        unnoticed.push(inWords(trial));
        tell(`unnoticed: ${inWords(trial)}`);
      }
      if (turn % 10 === 9) tell(`${turn + 1} of ${trials.length}`);
    }
    const noticed = trials.length - unnoticed.length;
    const share = noticed / trials.length;
    assert.ok(share >= goalShare, `${noticed} of ${trials.length} noticed`);
    return `${noticed} of ${trials.length} noticed (of ${all.length} that there are), ${(100 * share).toFixed(0)} %`;
  },
};

async function allTrials(): Promise<Trial[]> {
  const trials = await Promise.all(
    guarded.map(async ({ source, tests }) => {
      const mutations = await mutationsOf(await readFile(source, "utf8"));
      return mutations.map((mutation) => ({ source, tests, mutation }));
    }),
  );
  return trials.flat();
}

async function isNoticed(trial: Trial): Promise<boolean> {
  const outdir = await mkdtemp("dist/attack-");
  try {
    for (const name of trial.tests) {
      const test = await buildWith(trial, name, outdir);
      if (!(await passes(test))) return true;
    }
    return false;
  } catch {
    return true; // It does not even build.
  } finally {
    await rm(outdir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function buildWith({ source, mutation }: Trial, test: string, outdir: string) {
  const contents = mutated(await readFile(source, "utf8"), mutation);
  const outfile = path.join(outdir, `${path.basename(test)}.cjs`);
  await build({
    entryPoints: [`test/${test}.test.ts`],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    logLevel: "silent",
    external: ["vscode", "onnxruntime-node", "esbuild", "typescript", "playwright-core"],
    plugins: [
      {
        name: "fault",
        setup: (bundler) =>
          bundler.onLoad({ filter: new RegExp(`${path.basename(source)}$`) }, ({ path: file }) =>
            file === path.resolve(source) ? { contents, loader: "ts" } : undefined,
          ),
      },
    ],
  });
  return outfile;
}

function passes(test: string): Promise<boolean> {
  const child = spawn(process.execPath, [test], {
    stdio: "ignore",
    timeout: slowestTestMillis,
    killSignal: "SIGKILL",
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code === 0));
  });
}

function inWords({ source, mutation: { line, by } }: Trial): string {
  return `${source}:${line} “${by}”`;
}
