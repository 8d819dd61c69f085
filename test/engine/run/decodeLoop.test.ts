/** The loop itself: who is read, chosen for and dropped when. What models say to it: the other tests here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Chain, type ChainLimits } from "../../../src/engine/run/chain";
import { DecodeLoop, type LoopOptions } from "../../../src/engine/run/decodeLoop";
import { NonFiniteLogitsError } from "../../../src/engine/run/sampling";
import { ScriptedDecoder } from "../../support/engine/scriptedDecoder";
import { cacheOf, greedy } from "../../support/engine/tinyRuns";

const endId = 2;
const whole = cacheOf({ policy: "full" });

/** One more than the last token; what is larger than 20 ends. */
function counting(text: readonly number[]): number {
  const next = text[text.length - 1] + 1;
  return next > 20 ? endId : next;
}

function chainOf(ids: number[], limits: Partial<ChainLimits> = {}): Chain {
  const endIds = new Set([endId]);
  return new Chain({ text: "", ids }, { endIds, maxTokens: 50, contextLength: 100, ...limits });
}

function optionsOf(changed: Partial<LoopOptions> = {}) {
  const control = { run: "run", cache: whole, isCancelled: false };
  return { control, sampling: greedy, ...changed };
}

function replies(chains: readonly Chain[]): number[][] {
  return chains.map(({ reply }) => reply.map(({ id }) => id));
}

test("a step samples, pushes and feeds; the token that ends a reply is never read", async () => {
  const decoder = new ScriptedDecoder(counting);
  const chain = chainOf([10, 17]);
  await new DecodeLoop(decoder, [chain], optionsOf()).run();
  assert.deepEqual(replies([chain]), [[18, 19, 20]]);
  assert.equal(chain.stopReason, "end");
  assert.deepEqual(decoder.asked, ["feed 2", "feed 1", "feed 1", "feed 1"]);
});

test("chains of one prompt read it as one row, and part after it", async () => {
  const decoder = new ScriptedDecoder(counting);
  const { prompt } = chainOf([15, 16]);
  const limits = { endIds: new Set([endId]), maxTokens: 2, contextLength: 100 };
  const chains = [0, 1, 2].map((number) => new Chain(prompt, limits, number));
  await new DecodeLoop(decoder, chains, optionsOf()).run();
  assert.deepEqual(decoder.asked, ["feed 2", "select 0 0 0", "feed 1"]);
  assert.deepEqual(replies(chains), [
    [17, 18],
    [17, 18],
    [17, 18],
  ]);
});

test("where prompts differ in length, the longer is read on while the others choose", async () => {
  const decoder = new ScriptedDecoder(counting);
  const chains = [chainOf([3, 4, 5, 6, 7], { maxTokens: 1 }), chainOf([12, 13], { maxTokens: 5 })];
  await new DecodeLoop(decoder, chains, optionsOf()).run();
  assert.deepEqual(replies(chains), [[8], [14, 15, 16, 17, 18]]);
  assert.deepEqual(decoder.texts, [[12, 13, 14, 15, 16, 17]]);
});

test("a chain that ends leaves the decoder; the last one stays for a next turn", async () => {
  const decoder = new ScriptedDecoder(counting);
  const chains = [chainOf([18]), chainOf([16]), chainOf([14])];
  const rows: number[] = [];
  const onStep = () => rows.push(decoder.rows);
  const loop = new DecodeLoop(decoder, chains, optionsOf({ onStep }));
  await loop.run();
  assert.deepEqual(rows, [3, 3, 3, 2, 2, 1, 1]);
  assert.equal(loop.firstChain, chains[2]);
  assert.deepEqual(decoder.texts, [[14, 15, 16, 17, 18, 19, 20]]);
});

test("a stop ends what goes on, with what it has; what has ended keeps its reason", async () => {
  const chains = [chainOf([18], { maxTokens: 1 }), chainOf([5])];
  const options = optionsOf();
  const onStep = () => (options.control.isCancelled = chains[1].reply.length === 3);
  await new DecodeLoop(new ScriptedDecoder(counting), chains, { ...options, onStep }).run();
  assert.deepEqual(
    chains.map(({ stopReason }) => stopReason),
    ["length", "cancelled"],
  );
  assert.deepEqual(replies(chains), [[19], [6, 7, 8]]);
});

test("a stop before the first token leaves replies empty", async () => {
  const decoder = new ScriptedDecoder(counting);
  const chain = chainOf([5]);
  const control = { run: "run", cache: whole, isCancelled: true };
  await new DecodeLoop(decoder, [chain], optionsOf({ control })).run();
  assert.deepEqual([chain.stopReason, chain.reply, decoder.asked], ["cancelled", [], []]);
});

test("a compaction is asked for between two steps, at the prompt's end first", async () => {
  const decoder = new ScriptedDecoder(counting);
  const cache = cacheOf({ budget: { kind: "count", slots: 4 }, buffer: 2, observationWindow: 1 });
  const control = { run: "run", cache, isCancelled: false };
  const chain = chainOf([7, 8, 9, 10, 11, 12], { maxTokens: 5 });
  const loop = new DecodeLoop(decoder, [chain], optionsOf({ control }));
  await loop.run();
  const [step, pass] = ["feed 1", "compact buffer"];
  assert.deepEqual(decoder.asked, ["feed 6", "compact prompt", step, step, step, pass, step]);
  assert.equal(loop.compactions, 2);
  assert.deepEqual(
    decoder.requests.map(({ compaction, promptLength }) => [compaction, promptLength]),
    [
      [0, 6],
      [1, 6],
    ],
  );
});

test("logits that are no numbers reject, and the reply is neither ended nor longer", async () => {
  const decoder = new ScriptedDecoder(counting);
  const feed = decoder.feed.bind(decoder);
  decoder.feed = async (ids) => {
    const logits = await feed(ids);
    return decoder.position === 3 ? logits.fill(NaN) : logits;
  };
  const chain = chainOf([5]);
  await assert.rejects(new DecodeLoop(decoder, [chain], optionsOf()).run(), NonFiniteLogitsError);
  assert.deepEqual([replies([chain]), chain.stopReason], [[[6, 7]], undefined]);
});
