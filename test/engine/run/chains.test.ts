import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { defaultSamplingSettings } from "../../../src/shared/settings/settings";
import { cacheOf, randomIds, TinyRuns } from "../../support/engine/tinyRuns";

let runs: TinyRuns;
before(async () => {
  runs = await TinyRuns.open();
});
after(() => runs.close());

const whole = cacheOf({ policy: "full", budget: { kind: "full" } });
const sampling = { ...defaultSamplingSettings, seed: 11, temperature: 1 };

/** The seed with which a single run draws what this chain of a run draws (see Random). */
function seedOf(chain: number): number {
  return (sampling.seed ^ Math.imul(chain, 0x9e3779b9)) >>> 0;
}

for (const [name, ids] of [
  ["a prompt within the budget", randomIds(10)],
  ["a prompt that is compacted before the chains part", randomIds(60)],
] as const)
  test(`chains decoded together are the chains decoded alone: ${name}`, async () => {
    const { end, trace } = await runs.traced({ ids, sampling, chains: 3, maxTokens: 40 });
    assert.equal(end.tokens, 120);
    for (const chain of [0, 1, 2]) {
      const alone = await runs.traced({
        ids,
        sampling: { ...sampling, seed: seedOf(chain) },
        maxTokens: 40,
      });
      assert.deepEqual(end.chains[chain].tokenIds, alone.end.chains[0].tokenIds);
      assert.deepEqual(trace.reply(chain), alone.trace.reply());
      assert.deepEqual(decisions(trace, chain), decisions(alone.trace, 0));
    }
    const [first, second] = end.chains;
    assert.notDeepEqual(first.tokenIds, second.tokenIds);
  });

/** What each compaction of a chain held and retained, layer by layer. */
function decisions(trace: Awaited<ReturnType<TinyRuns["traced"]>>["trace"], chain: number) {
  return trace.all("compactionLayer", chain).map(({ compaction, layer, positions, retained }) => ({
    compaction,
    layer,
    positions: [...positions],
    retained: [...retained],
  }));
}

test("a chain that ends leaves the batch, and the others go on as if alone", async () => {
  const ids = randomIds(10);
  const asked = { ids, sampling, chains: 3, maxTokens: 40 };
  const uncut = await runs.run(asked);
  const [endId, at] = [
    uncut.chains[1].tokenIds[12],
    uncut.chains[1].tokenIds.indexOf(uncut.chains[1].tokenIds[12]),
  ];
  const ending = new TinyRuns({ ...runs.model, endIds: new Set([endId]) });
  const rows: number[] = [];
  ending.afterFeed = () => rows.push(ending.model.decoder.rows);
  const end = await ending.run(asked);

  assert.equal(end.chains[1].stopReason, "end");
  assert.deepEqual(end.chains[1].tokenIds, uncut.chains[1].tokenIds.slice(0, at));
  for (const chain of [0, 2]) {
    const { tokenIds } = uncut.chains[chain];
    const cut = tokenIds.includes(endId) ? tokenIds.indexOf(endId) : tokenIds.length;
    assert.deepEqual(end.chains[chain].tokenIds, tokenIds.slice(0, cut));
  }
  assert.ok(rows.includes(3) && rows.includes(2));
});

test("what one chain evicts at random does not depend on when another one ends", async () => {
  const cache = cacheOf({ policy: "random" });
  const asked = { ids: randomIds(30), sampling, chains: 3, maxTokens: 60, cache };
  const uncut = await runs.traced(asked);
  const endId = uncut.end.chains[0].tokenIds[20];
  const ending = new TinyRuns({ ...runs.model, endIds: new Set([endId]) });
  const cut = await ending.traced(asked);
  assert.equal(cut.end.chains[0].stopReason, "end");
  for (const chain of [1, 2]) {
    const made = decisions(cut.trace, chain);
    assert.ok(made.length > 4, "some after the first chain has ended");
    assert.deepEqual(made, decisions(uncut.trace, chain).slice(0, made.length));
  }
  assert.notDeepEqual(decisions(uncut.trace, 1), decisions(uncut.trace, 2));
});

test("the bytes told in the end are those of all chains, also of those that ended before", async () => {
  const asked = { ids: randomIds(10), sampling, chains: 3, maxTokens: 40, cache: whole };
  const { chains } = await runs.run(asked);
  const ending = new TinyRuns({ ...runs.model, endIds: new Set([chains[1].tokenIds[12]]) });
  const end = await ending.run(asked);
  // A token that ends a reply is no part of it; the last one of a reply that was cut is never read.
  const read = end.chains.map(({ tokenIds, stopReason }) =>
    stopReason === "end" ? 10 + tokenIds.length : 9 + tokenIds.length,
  );
  assert.ok(new Set(read).size > 1, "they end apart");
  const { bytesPerToken } = runs.model.info;
  assert.equal(end.kvBytesFull, bytesPerToken * read.reduce((sum, tokens) => sum + tokens, 0));
  assert.equal(end.kvBytes, end.kvBytesFull);
});

test("a trace has a prompt and keys for every chain, though one row read them for all", async () => {
  const { trace } = await runs.traced({
    ids: randomIds(60),
    sampling,
    chains: 2,
    cache: cacheOf(),
  });
  for (const chain of [0, 1]) {
    assert.deepEqual(trace.all("compaction", chain)[0].cause, "prompt");
    for (const layer of [0, 1]) assert.ok(trace.reader.keysPlace(chain, layer, 59));
  }
});
