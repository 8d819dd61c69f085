/** Chains told in brief say what each chain's own run says, and their vote is that of the engine. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesInMemory } from "../../../src/shared/trace/byteSource";
import { answerOf } from "../../../webview/inspector/model/answer";
import { clearlyKept, type Chains } from "../../../webview/inspector/model/chains";
import { bytesAt, heldShare, momentAt } from "../../../webview/inspector/model/moment";
import { load } from "../../../webview/inspector/state/loader";
import { TraceData } from "../../../webview/inspector/state/traceData";
import { craftedTraces } from "../../support/inspector/craftedTraces";
import { spokenTrace, voted } from "../../support/inspector/spokenTrace";

async function runOf(bytes: Uint8Array, chain = 0) {
  const { run, reader, refresh } = await load(bytesInMemory(bytes), chain);
  await refresh();
  return { run, reader };
}

async function toldOf(bytes: Uint8Array): Promise<Chains> {
  const { run, reader } = await runOf(bytes);
  const data = new TraceData(() => undefined);
  data.serve(run, reader);
  const told = await data.chains(run);
  assert.ok(told);
  return told;
}

test("every chain has the answer, the length and the prompt's shares of its own run", async () => {
  const trace = spokenTrace(voted);
  const { all, held, promptTokens } = await toldOf(trace);
  assert.equal(all.length, 4);
  for (const { chain, answer, tokens } of all) {
    const { run } = await runOf(trace, chain);
    assert.equal(answer, answerOf(run));
    assert.equal(tokens, run.tokens - run.promptTokens);
    const end = momentAt(run, run.tokens);
    for (let position = 0; position < promptTokens; position++)
      assert.equal(held[chain * promptTokens + position], heldShare(run, position, end));
  }
});

test("answers are counted by value, and a chain without one has no vote", async () => {
  const { vote, all } = await toldOf(spokenTrace(voted));
  assert.deepEqual(vote, { answer: "24", agree: 2, of: 4, chains: [0, 2] });
  assert.deepEqual(
    all.map(({ answer }) => answer),
    ["24", "6", "24.0", undefined],
  );
});

test("what the majority holds more of is the difference of the two sides' means", async () => {
  const trace = spokenTrace(voted);
  const kept = clearlyKept(await toldOf(trace));
  assert.ok(kept.length > 2);
  const shares = await Promise.all(
    [0, 1, 2, 3].map(async (chain) => {
      const { run } = await runOf(trace, chain);
      return heldShare(run, kept[0].position, momentAt(run, run.tokens));
    }),
  );
  const [a, b, c, d] = shares;
  assert.deepEqual([kept[0].agreeing, kept[0].others], [(a + c) / 2, (b + d) / 2]);
});

test("a trace that grows is read on, and its chains with it", async () => {
  const whole = spokenTrace(voted);
  const source = { size: whole.length >> 1 };
  const bytes = {
    size: () => Promise.resolve(source.size),
    read: (from: number, length: number) => {
      const end = Math.min(from + length, source.size);
      return Promise.resolve(new Uint8Array(whole.subarray(from, end)).buffer);
    },
  };
  const { run, reader } = await load(bytes);
  const data = new TraceData(() => undefined);
  data.serve(run, reader);
  const half = await data.chains(run);
  assert.ok(half && half.all[0].answer === "24" && half.all[3].tokens === 0);
  source.size = whole.length;
  const all = await data.chains(run);
  assert.deepEqual({ ...all, held: undefined }, { ...(await toldOf(whole)), held: undefined });
});

test("of 4,096 chains the first 64 are told", async () => {
  const { all, of } = await toldOf(craftedTraces["the largest header"]);
  assert.deepEqual([all.length, of], [64, 4096]);
});

test("memory is one chain's, though the trace has that of all", async () => {
  const { run } = await runOf(spokenTrace(voted), 2);
  const last = run.compactions[run.compactions.length - 1];
  const slots = 8 + run.tokens - last.position;
  assert.equal(bytesAt(run, momentAt(run, run.tokens)).held, slots * run.header.bytesPerToken);
});
