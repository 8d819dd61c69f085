import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { defaultSamplingSettings } from "../../../src/shared/settings/settings";
import { cacheOf, randomIds, TinyRuns, type Asked } from "../../support/engine/tinyRuns";

const open: TinyRuns[] = [];
let runs: TinyRuns;
beforeEach(async () => {
  runs = await fresh();
});
after(() => Promise.all(open.map((each) => each.close())));

async function fresh(): Promise<TinyRuns> {
  const opened = await TinyRuns.open();
  open.push(opened);
  return opened;
}

const window = 4;
const full = cacheOf({ policy: "full" });
const first = randomIds(50);
const next = randomIds(10, 9);

/** What the engine says after what it has read already is what it says when it begins with it. */
async function assertAsFresh(asked: Asked, reused: number): Promise<void> {
  const end = await runs.run(asked);
  assert.equal(end.reusedTokens, reused);
  assert.deepEqual(end.chains, (await (await fresh()).run(asked)).chains);
}

test("a next turn reads only what came since", async () => {
  const [reply] = (await runs.run({ ids: first, cache: full })).chains;
  // The reply's last token was chosen and never read.
  const held = first.length + reply.tokenIds.length - 1;
  await assertAsFresh({ ids: [...first, ...reply.tokenIds, ...next], cache: full }, held);
});

test("the same prompt again reads its window again, whose queries vote", async () => {
  await runs.run({ ids: first });
  await runs.run({ ids: first, cache: full });
  await assertAsFresh({ ids: first }, first.length - window);
});

test("another prompt shares what it begins with, and no more", async () => {
  await runs.run({ ids: first, cache: full });
  await assertAsFresh({ ids: [...first.slice(0, 20), ...next], cache: full }, 20);
});

test("a shorter prompt after a longer one sees nothing of it", async () => {
  await runs.run({ ids: randomIds(300), cache: full });
  await assertAsFresh({ ids: next }, 0);
});

test("after an eviction, nothing that was evicted or read since is used again", async () => {
  const { chains, compactions } = await runs.run({ ids: first });
  assert.ok(compactions > 0);
  let unbroken = Infinity;
  for (const layer of [0, 1]) {
    const positions = runs.model.decoder.positions(layer);
    const slots = positions.length / 2;
    for (const head of [0, 1]) {
      const held = [...positions.subarray(head * slots, (head + 1) * slots)];
      const gap = held.findIndex((position, slot) => position !== slot);
      unbroken = Math.min(unbroken, gap);
    }
  }
  await assertAsFresh({ ids: [...first, ...chains[0].tokenIds, ...next] }, unbroken);
});

test("after several chains, the one whose keys lie in the cache is the one that is shared", async () => {
  const sampling = { ...defaultSamplingSettings, seed: 5, temperature: 1 };
  const asked = { ids: first, cache: full, sampling, chains: 3 };
  const whole = await runs.run(asked);
  const [leaving, staying] = whole.chains.map(({ tokenIds }) => tokenIds);
  // The first chain ends early: its row of the cache goes, and another chain's takes its place.
  const ending = new TinyRuns({ ...runs.model, endIds: new Set([leaving[4]]) });
  const end = await ending.run(asked);
  assert.equal(end.chains[0].stopReason, "end");
  assert.equal(end.chains[1].stopReason, "length");

  const ids = [...first, ...leaving, ...next];
  const resumed = await ending.run({ ids, cache: full });
  const alone = await (await fresh()).run({ ids, cache: full });
  assert.equal(resumed.reusedTokens, first.length);
  assert.deepEqual(resumed.chains[0].tokenIds.slice(0, 3), alone.chains[0].tokenIds.slice(0, 3));
  assert.notDeepEqual(leaving, staying);
});
