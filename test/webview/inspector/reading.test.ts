/** Reading a trace in slices, and one of its chains. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesInMemory } from "../../../src/shared/trace/byteSource";
import { encodeHeader, encodeRecords } from "../../../src/shared/trace/encode";
import type { TraceRecord } from "../../../src/shared/trace/records";
import { load } from "../../../webview/inspector/state/loader";
import { syntheticTrace } from "../../support/inspector/inspectorPage";
import { headerOf, tokensRecord } from "../../support/inspector/sampleRun";

const shape = {
  tokens: 300,
  layers: 2,
  kvHeads: 2,
  headDim: 4,
  compactions: 6,
  budget: 40,
  seed: 5,
};

test("a trace that is read in slices is the trace that is read at once", async () => {
  const bytes = bytesInMemory(await syntheticTrace(shape));
  const [whole, sliced] = await Promise.all([load(bytes), load(bytes)]);
  assert.equal(await whole.refresh(), false);
  let slices = 1;
  while (await sliced.refresh(0.05)) slices++;
  assert.ok(slices > 1);
  assert.equal(sliced.reader.recovery.problem, undefined);
  assert.deepEqual(sliced.run.texts, whole.run.texts);
  for (let row = 0; row < whole.run.evictions.rowCount; row++)
    assert.deepEqual(sliced.run.evictions.row(row), whole.run.evictions.row(row));
});

test("of several chains, the one that was asked for is read", async () => {
  const chains = [3, 5].map((count, chain) => ({ ...tokensRecord(count), chain }) as TraceRecord);
  const header = { ...headerOf({ layers: 1, kvHeads: 1 }), chains: 2 };
  const bytes = bytesInMemory(Buffer.concat([encodeHeader(header), encodeRecords(chains)]));
  for (const [chain, tokens] of [3, 5].entries()) {
    const { run, refresh } = await load(bytes, chain);
    await refresh();
    assert.equal(run.tokens, tokens);
  }
});
