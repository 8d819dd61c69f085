/** T21: the same seed over and over, and numbers that are none in the middle of a run. */
import assert from "node:assert/strict";
import type { Random } from "../../src/shared/random";
import { policyNames } from "../../src/shared/settings/settings";
import { cacheOf, greedy, randomIds, TinyRuns } from "../support/engine/tinyRuns";
import type { Attack } from "./attack";

const promptTokens = 20;
const replyTokens = 40;
const vocabulary = 512;

export const numbers: Attack = {
  id: "T21",
  what: "the same seed again and again; NaN and infinities in the logits at random places",
  goal: "the same seed gives the same tokens; a number that is none ends the run with its name, the text before it whole",
  short: 10,
  long: 100,
  run: async (times, chance) => {
    const runs = await TinyRuns.open();
    const poisoned = await TinyRuns.open();
    try {
      for (let turn = 0; turn < times; turn++) {
        await sameTwice(runs, chance);
        await endsAtPoison(runs, poisoned, chance);
      }
      return `${times} of ${times} seeds gave the same tokens twice; ${times} of ${times} runs ended at the number that was none`;
    } finally {
      await runs.close();
      await poisoned.close();
    }
  },
};

async function sameTwice(runs: TinyRuns, chance: Random): Promise<void> {
  const asked = {
    ids: randomIds(promptTokens, chance.integer(0, 1_000)),
    maxTokens: replyTokens,
    cache: cacheOf({ policy: chance.pick(policyNames) }),
    sampling: { ...greedy, temperature: 1, seed: chance.integer(0, 2 ** 32 - 1) },
  };
  const first = await runs.run(asked);
  await runs.run({ ids: randomIds(promptTokens, 2_000) }); // Nothing of it is left in the cache.
  const second = await runs.run(asked);
  assert.deepEqual(second.chains, first.chains);
}

async function endsAtPoison(runs: TinyRuns, poisoned: TinyRuns, chance: Random): Promise<void> {
  const ids = randomIds(promptTokens, chance.integer(0, 1_000));
  const { tokenIds } = (await runs.run({ ids, maxTokens: replyTokens })).chains[0];
  const value = chance.pick([NaN, Infinity, -Infinity]);
  const place = chance.integer(0, vocabulary - 1);
  const at = chance.integer(0, replyTokens - 1);
  const { decoder } = poisoned.model;
  const feed = decoder.feed.bind(decoder);
  decoder.feed = async (...asked) => {
    const logits = await feed(...asked);
    return decoder.position === promptTokens + at ? logits.fill(value, place, place + 1) : logits;
  };
  try {
    const { chains } = await poisoned.run({ ids, maxTokens: replyTokens });
    assert.equal(chains[0].stopReason, "non-finite");
    assert.deepEqual(chains[0].tokenIds, tokenIds.slice(0, at));
    const [notice, ...more] = poisoned.notices();
    assert.equal(more.length, 0);
    assert.ok(notice.includes(`gave ${value} as the logit of token ${place}`), notice);
  } finally {
    decoder.feed = feed;
  }
}
