/** T8: every kind of file that the program writes, on disks that are full, read-only or forbidden. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ResultsFile } from "../../src/cli/eval/resultsFile";
import { candidatesCsv } from "../../src/cli/trace/candidatesCsv";
import { synthesize } from "../../src/cli/trace/synthesize";
import { withTrace } from "../../src/cli/trace/traceFile";
import { writeWhole } from "../../src/disk/wholeFile";
import { TraceWriter } from "../../src/engine/trace/traceWriter";
import type { Random } from "../../src/shared/random";
import { assertNothingBad, download } from "../support/downloads";
import { type Disk, plainFolder, smallDisk } from "../support/smallDisk";
import { startHub } from "../support/standInHub";
import { contentsOf, header, records } from "../support/trace/sampleTrace";
import type { Attack } from "./attack";

/** Names the file and says what to do. */
const sentence = /^.*\/.* cannot be written \(.+\): (free|choose|it needs) .+\.$/;

export const fullDisk: Attack = {
  id: "T8",
  what: "disks that are full, read-only or forbidden under every file that is written",
  goal: "no bad file, each short write seen, the path and what is needed named, the run goes on",
  short: 12,
  long: 100,
  absent: () => (process.platform === "win32" ? "it needs a POSIX shell" : undefined),
  run: async (times, chance, tell) => {
    const seen = { whole: 0, told: 0 };
    const trials = [...Object.values(inProcess).map(onDisk), csvTrial, runTrial];
    for (let i = 0; i < times; i++) {
      seen[await trials[i % trials.length](chance)] += 1;
      if (i % 20 === 19) tell(`${i + 1} of ${times}`);
    }
    return `${seen.told} failures told, ${seen.whole} files whole, no bad file`;
  },
};

type Outcome = "whole" | "told";

/** Writes into a folder and rejects where that fails; `check` looks at what lies there then. */
interface Writer {
  prepare?: (folder: string) => Promise<void>;
  write: (folder: string) => Promise<void>;
  check: (folder: string, outcome: Outcome) => Promise<void>;
}

const [oldText, newText] = ["old", "new ".repeat(20_000)];

const inProcess: Record<string, Writer> = {
  download: {
    write: async (cache) => {
      const hub = await startHub(100_000);
      await download({ hub, cache }).finally(() => hub.close());
    },
    check: (cache) => assertNothingBad(cache),
  },
  conversation: {
    prepare: (folder) => writeFile(path.join(folder, "c.json"), oldText),
    write: (folder) => writeWhole(path.join(folder, "c.json"), newText),
    check: async (folder, outcome) => {
      const text = await readFile(path.join(folder, "c.json"), "utf8");
      assert.equal(text, outcome === "whole" ? newText : oldText);
    },
  },
  trace: {
    write: async (folder) => {
      const writer = await TraceWriter.create(path.join(folder, "run.rkvtrace"), header);
      for (let i = 0; i < 60; i++) for (const record of records) writer.write(record);
      await writer.close();
      if (writer.error) throw writer.error;
    },
    check: async (folder) => {
      const bytes = await readFile(path.join(folder, "run.rkvtrace")).catch(() => Buffer.of());
      if (bytes.length > 1_000) await contentsOf(bytes);
    },
  },
  results: {
    prepare: (folder) => writeFile(path.join(folder, "r.jsonl"), '{"asked":1}\n'),
    write: async (folder) => {
      const results = await ResultsFile.open(path.join(folder, "r.jsonl"), { asked: 1 });
      for (let problem = 0; problem < 200; problem++) await results.add(outcome(problem));
    },
    check: async (folder) => {
      const text = await readFile(path.join(folder, "r.jsonl"), "utf8");
      const whole = text.slice(0, text.lastIndexOf("\n")).split("\n").slice(1);
      whole.forEach((line, i) => assert.deepEqual(JSON.parse(line), outcome(i)));
    },
  },
};

function outcome(problem: number) {
  const counts = { tokens: 1, promptTokens: 1, compactions: 0, kvBytes: 1, seconds: 1 };
  const flags = { right: true, truncated: false };
  return { policy: "full" as const, budget: "full", problem, ...counts, ...flags };
}

function onDisk({ prepare, write, check }: Writer): (chance: Random) => Promise<Outcome> {
  return async (chance) => {
    const disk = await anyDisk(chance);
    try {
      await prepare?.(disk.folder);
      if (chance.next() < 0.2) await disk.forbid();
      const outcome = await write(disk.folder).then(
        (): Outcome => "whole",
        (error: unknown): Outcome => {
          assert.match(error instanceof Error ? error.message : String(error), sentence);
          return "told";
        },
      );
      await check(disk.folder, outcome);
      return outcome;
    } finally {
      await disk.end();
    }
  };
}

async function anyDisk(chance: Random): Promise<Disk> {
  return (await smallDisk(4_096 * chance.integer(1, 40))) ?? plainFolder();
}

/** A table on a standard output that is a file and can grow to so many blocks only. */
async function csvTrial(chance: Random): Promise<Outcome> {
  return inFolder(async (folder) => {
    const [trace, table] = ["run.rkvtrace", "table.csv"].map((name) => path.join(folder, name));
    await synthesize(trace, shape);
    const limit = chance.integer(0, 150);
    const { code, err } = await limited(limit, folder, `trace "${trace}" --csv > "${table}"`);
    if (code === 0) assert.equal(await readFile(table, "utf8"), await wholeTable(trace));
    else
      assertTold(code, err, /^The output cannot be written \(EFBIG.*\): free some space there\.$/m);
    return code === 0 ? "whole" : "told";
  });
}

const size = { tokens: 300, layers: 2, kvHeads: 2, headDim: 4 };
const shape = { ...size, compactions: 2, budget: 32, seed: 1 };

async function wholeTable(trace: string): Promise<string> {
  return withTrace(trace, async (reader) => {
    let text = "";
    for await (const line of candidatesCsv(reader, assert.fail)) text += `${line}\n`;
    return text;
  });
}

/** A run whose trace has no room: the answer comes all the same. */
async function runTrial(chance: Random): Promise<Outcome> {
  return inFolder(async (folder) => {
    const trace = path.join(folder, "run.rkvtrace");
    const asked = "run 'How many?' --max-tokens 40 --greedy --device cpu --json";
    const limit = chance.integer(0, 40);
    const { code, err, out } = await limited(limit, folder, `${asked} --trace "${trace}"`);
    assert.equal((JSON.parse(out) as { tokens: number }).tokens, 40, err);
    if (code !== 0) assertTold(code, err, /^The trace \S+run.rkvtrace cannot be written .*\.$/m);
    return code === 0 ? "whole" : "told";
  });
}

/** The CLI where no file may be longer than so many of the shell's blocks. */
function limited(blocks: number, folder: string, command: string) {
  const script = `ulimit -f ${blocks}; exec "$0" dist/cli.js ${command}`;
  const env = { ...process.env, XDG_CACHE_HOME: folder };
  return new Promise<{ code: unknown; out: string; err: string }>((resolve) =>
    execFile(
      "/bin/sh",
      ["-c", script, process.execPath],
      { env, timeout: 120_000 },
      (error, out, err) => resolve({ code: error ? error.code : 0, out, err }),
    ),
  );
}

function assertTold(code: unknown, err: string, words: RegExp): void {
  assert.equal(code, 74, err);
  assert.match(err, words);
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-disk-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
