/** A trace of format 1.0 that every later release must still read, to the last figure. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { candidatesCsv } from "../../../src/cli/trace/candidatesCsv";
import { summarize, summaryInWords } from "../../../src/cli/trace/summary";
import { synthesize } from "../../../src/cli/trace/synthesize";
import { withTrace } from "../../../src/cli/trace/traceFile";

const commaOutsideQuotes = /,(?=(?:[^"]*"[^"]*")*[^"]*$)/;
const golden = "test/fixtures/trace/golden-1.0.rkvtrace";

test("the golden trace reads as on the day it was written", async () => {
  const summary = await withTrace(golden, summarize);
  assert.deepEqual(summary.chains, [
    {
      ...{ chain: 0, promptTokens: 48, tokens: 102, steps: 5, compactions: 2 },
      ...{ compactionMillis: 24, evicted: 304 },
    },
  ]);
  assert.equal(summary.recovery.problem, undefined);
  assert.equal(summary.recovery.bytes, 29_990);
  assert.equal(summary.damagedRecords, 0);
  assert.equal(summary.stopReason, "end");
  assert.match(summaryInWords(summary).join("\n"), /48 \+ 102 tokens · 5 steps · 2 compactions/);
});

test("its observation window is read from the key that the format documents", async () => {
  assert.match(await readFile(golden, "latin1"), /"cache":\{[^}]*\}[^}]*"window":8,/);
  const { settings } = await withTrace(golden, summarize);
  assert.deepEqual(
    settings.map(({ cache }) => cache.observationWindow),
    [8],
  );
});

test("its CSV has a row for every candidate, and as many survivors as the budget allows", async () => {
  const lines = await withTrace(golden, async (reader) => {
    const all: string[] = [];
    for await (const line of candidatesCsv(reader, assert.fail)) all.push(line);
    return all;
  });
  const [head, ...rows] = lines.map((line) => line.split(commaOutsideQuotes));
  const column = (name: string): number => head.indexOf(name);
  assert.deepEqual(head.slice(-2), ["importance", "redundancy"]);
  const first = rows.filter((row) => row.slice(0, 5).join() === "0,0,50,1,1");
  assert.equal(first.length, 50);
  assert.equal(first.filter((row) => row[column("retained")] === "1").length, 24);
  assert.equal(first.filter((row) => row[column("score")] === "").length, 8);
});

test("the same seed writes the same bytes", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-golden-"));
  const out = path.join(folder, "again.rkvtrace");
  const shape = { tokens: 150, layers: 2, kvHeads: 2, headDim: 4, compactions: 2, budget: 24 };
  try {
    await synthesize(out, { ...shape, seed: 0 });
    assert.deepEqual(await readFile(out), await readFile(golden));
  } finally {
    await rm(folder, { recursive: true });
  }
});
