import assert from "node:assert/strict";
import { appendFile, readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { replayTrace } from "../../../src/engine/replay/replay";
import { defaultSamplingSettings } from "../../../src/shared/settings/settings";
import { cacheOf, randomIds, readTrace, tinyFolder, TinyRuns } from "../../support/engine/tinyRuns";

let runs: TinyRuns;
before(async () => {
  runs = await TinyRuns.open();
});
after(() => runs.close());

const ids = randomIds(20);
const sampling = { ...defaultSamplingSettings, temperature: 1, seed: 3 };
const maxTokens = 40;

async function replay(traceFile: string, folder = tinyFolder, stopAfter = Infinity) {
  const control = { run: "replay", cache: cacheOf(), isCancelled: false };
  const onProgress = (done: number) => {
    control.isCancelled = done > stopAfter;
    return Promise.resolve();
  };
  const result = await replayTrace(
    { run: "replay", traceFile, folder, device: "cpu" },
    control,
    onProgress,
  );
  return { result, found: (await readTrace(traceFile)).all("divergence") };
}

test("a run with the full cache forgot nothing: its replay finds no difference", async () => {
  const { traceFile } = await runs.traced({
    ids,
    sampling,
    maxTokens,
    cache: cacheOf({ policy: "full" }),
  });
  const { result, found } = await replay(traceFile);
  assert.equal(result.tokens, maxTokens);
  assert.equal(result.firstDivergence, null);
  for (const { kl, lostAttention } of found) {
    assert.ok(kl.every((each) => each <= 1e-6));
    assert.ok(lostAttention.every((each) => each === 0));
  }
});

for (const chains of [1, 2])
  test(`forgetting begins with the first compaction, in each of ${chains} chains`, async () => {
    const { traceFile, trace } = await runs.traced({ ids, sampling, maxTokens, chains });
    const { result, found } = await replay(traceFile);
    assert.equal(result.tokens, chains * maxTokens);
    assert.ok(result.meanKl > 0);
    for (let chain = 0; chain < chains; chain++) {
      const first = trace.all("compaction", chain)[0].position;
      const [{ firstPosition, kl, lostAttention, layers, kvHeads }] = found.filter(
        (record) => record.chain === chain,
      );
      assert.equal(firstPosition, ids.length);
      // The token at `first` was still chosen before the compaction.
      const before = first - firstPosition + 1;
      assert.ok(kl.subarray(0, before).every((each) => each <= 1e-6));
      assert.ok(kl.subarray(before).some((each) => each > 1e-4));
      assert.ok(lostAttention.subarray(0, before * layers * kvHeads).every((each) => each === 0));
      assert.ok(lostAttention.subarray(before * layers * kvHeads).some((each) => each > 0));
      assert.ok(lostAttention.every((each) => each >= 0 && each <= 1));
    }
  });

test("a second replay gives what the first one found, and adds nothing", async () => {
  const { traceFile } = await runs.traced({ ids, sampling, maxTokens });
  const first = await replay(traceFile);
  const bytes = await readFile(traceFile);
  const second = await replay(traceFile);
  assert.deepEqual(second.result, first.result);
  assert.deepEqual(await readFile(traceFile), bytes);
});

test("a replay that was stopped is gone on with, and ends as one that was not", async () => {
  const asked = { ids, sampling, maxTokens: 150 };
  const { traceFile } = await runs.traced(asked);
  const stopped = await replay(traceFile, tinyFolder, 1);
  assert.equal(stopped.result.tokens, 64);
  const resumed = await replay(traceFile);
  const atOnce = await replay((await runs.traced(asked)).traceFile);
  assert.deepEqual(resumed, atOnce);
});

test("a trace that was cut is replayed as far as it goes", async () => {
  const { traceFile } = await runs.traced({ ids, sampling, maxTokens });
  await appendFile(traceFile, Uint8Array.of(9, 9, 9));
  assert.equal((await replay(traceFile)).result.tokens, maxTokens);
  assert.equal((await readTrace(traceFile)).reader.recovery.problem, undefined);
});

test("the trace of another model is refused in words, and left as it is", async () => {
  const { traceFile } = await runs.traced({ ids });
  const bytes = await readFile(traceFile);
  await assert.rejects(
    replay(traceFile, "test/fixtures/exports/genai-qwen3-int4-webgpu"),
    /^Error: The trace is of optimum-qwen2 with 2 layers.*choose the model that wrote the trace\.$/,
  );
  assert.deepEqual(await readFile(traceFile), bytes);
});
