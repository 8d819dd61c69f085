import assert from "node:assert/strict";
import { type FileHandle, mkdir, mkdtemp, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, mock, test } from "node:test";
import { promptForgotten } from "../../../src/engine/run/runMeter";
import { cacheOf, randomIds, TinyRuns } from "../../support/engine/tinyRuns";

let runs: TinyRuns;
before(async () => {
  runs = await TinyRuns.open();
});
after(() => runs.close());

const ids = randomIds(40);

test("a trace has the prompt, every token of the reply, and how it ended", async () => {
  const { end, trace } = await runs.traced({ ids });
  const [prompt] = trace.all("tokens");
  assert.ok(prompt.isPrompt);
  assert.deepEqual([...prompt.ids], ids);
  assert.deepEqual(trace.reply(), end.chains[0].tokenIds);
  const replied = trace.all("tokens").filter(({ isPrompt }) => !isPrompt);
  for (const { logProbs } of replied) assert.ok(logProbs.every((each) => each < 0));
  const [last] = trace.all("end");
  assert.deepEqual([last.stopReason, last.tokens], ["length", end.tokens]);
  assert.equal(trace.reader.recovery.problem, undefined);
});

test("a trace says along which order of slots each policy scores", async () => {
  const { trace } = await runs.traced({ ids });
  const { rkv, snapkv, "streaming-llm": newest } = trace.reader.header.slotOrders ?? {};
  assert.deepEqual([rkv, snapkv, newest], ["score", "score", "position"]);
});

test("a trace has figures for every step", async () => {
  const { end, trace } = await runs.traced({ ids });
  const figures = trace.all("figures");
  // A token is chosen from what the cache holds then; the last one is never read.
  assert.deepEqual(
    figures.map(({ position }) => position),
    Array.from({ length: end.tokens }, (_, step) => ids.length + step),
  );
  assert.equal(figures.at(-1)?.kvBytes, end.kvBytes);
});

test("every compaction has all layers, and the last one's flags are what the cache holds", async () => {
  const { end, trace } = await runs.traced({ ids, maxTokens: 30 });
  const passes = trace.all("compaction");
  assert.equal(passes.length, end.compactions);
  for (const { compaction } of passes) {
    const layers = trace.all("compactionLayer").filter((each) => each.compaction === compaction);
    assert.deepEqual(
      layers.map(({ layer }) => layer),
      [0, 1],
    );
  }
  const last = passes[passes.length - 1];
  const decided = trace.all("compactionLayer").slice(-2);
  for (const { compaction, layer, positions, retained } of decided) {
    assert.equal(compaction, last.compaction);
    const left = [...positions].filter((_, i) => retained[i] === 1);
    const held = [...runs.model.decoder.positions(layer)].filter((each) => each < last.position);
    assert.deepEqual(left, held);
  }
});

test("scores are in the trace for all that competed: not the window", async () => {
  const { trace } = await runs.traced({ ids });
  const decided = await trace.reader.layer(0, 0, 1);
  assert.ok(decided);
  const { slots, scores, parts } = decided;
  scores.forEach((score, i) =>
    assert.equal(Number.isNaN(score), i % slots >= slots - 4, `slot ${i % slots} of ${slots}`),
  );
  assert.deepEqual(
    parts.map(({ name }) => name),
    ["importance", "redundancy"],
  );
});

test("the keys of every position that was ever evicted are in the trace, each of length 1", async () => {
  const { trace } = await runs.traced({ ids, maxTokens: 60 });
  for (const { layer, positions, retained } of trace.all("compactionLayer"))
    for (const [i, position] of positions.entries()) {
      if (retained[i] === 1) continue;
      const record = await trace.reader.keys(0, layer, position);
      assert.ok(record, `layer ${layer}, position ${position}`);
    }
  const record = await trace.reader.keys(0, 0, 0);
  assert.ok(record);
  const key = record.keys.subarray(0, record.headDim);
  const length = Math.hypot(...key);
  assert.ok(Math.abs(length - 1) < 2e-3, `${length} in half precision`);
});

test("where no trace can be written, the run is whole and says why there is none", async () => {
  const folder = await mkdtemp(join(tmpdir(), "run-"));
  const taken = join(folder, "taken.rkvtrace");
  await mkdir(taken);
  const whole = await runs.run({ ids });
  for (const traceFile of [join(folder, "nowhere", "run.rkvtrace"), taken]) {
    const end = await runs.run({ ids, traceFile });
    assert.deepEqual(end.chains, whole.chains);
    assert.match(end.traceError ?? "", /^The trace .*\.rkvtrace cannot be written \(.*\): choose /);
  }
  assert.equal(whole.traceError, undefined);
});

test("a disk that fills up in mid-run ends the trace, not the run", async () => {
  const whole = await runs.run({ ids });
  const folder = await mkdtemp(join(tmpdir(), "run-"));
  const other = await open(join(folder, "other"), "w");
  const full = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  const files = Object.getPrototypeOf(other) as FileHandle;
  const write = mock.method(files, "write", () => Promise.reject(full));
  const end = await runs.run({ ids, traceFile: join(folder, "run.rkvtrace") });
  write.mock.restore();
  await other.close();
  assert.deepEqual(end.chains, whole.chains);
  assert.match(
    end.traceError ?? "",
    /^The trace .*\.rkvtrace cannot be written \(ENOSPC.*free some space/,
  );
});

test("the prompt is forgotten as far as no head of any layer holds it", async () => {
  const pinned = await runs.run({ ids, cache: cacheOf({ pinPrompt: true }) });
  assert.equal(pinned.promptForgotten, 0);

  const end = await runs.run({ ids, cache: cacheOf({ policy: "random" }), maxTokens: 60 });
  const { decoder } = runs.model;
  const held = new Set([0, 1].flatMap((layer) => [...decoder.positions(layer)]));
  const gone = ids.filter((_, position) => !held.has(position)).length;
  assert.ok(gone > 0);
  assert.equal(end.promptForgotten, gone / ids.length);
  assert.equal(promptForgotten(decoder, 0), 0);
});
