import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { policyNames } from "../../../src/shared/settings/settings";
import { Random } from "../../../src/shared/random";
import { cacheOf, randomIds, TinyRuns } from "../../support/engine/tinyRuns";

const maxTokens = 8;
const random = new Random(1);
const prompts = Array.from({ length: 100 }, (_, seed) => randomIds(random.integer(1, 80), seed));

let runs: TinyRuns;
/** What the full cache says to each prompt. */
const replies: number[][] = [];
before(async () => {
  runs = await TinyRuns.open();
  for (const ids of prompts) {
    const { chains } = await runs.run({ ids, maxTokens, cache: cacheOf({ policy: "full" }) });
    replies.push(chains[0].tokenIds);
  }
});
after(() => runs.close());

for (const policy of policyNames.filter((name) => name !== "full"))
  test(`a budget that no text passes changes no token of 100 replies: ${policy}`, async () => {
    for (const [i, ids] of prompts.entries()) {
      const slots = ids.length + maxTokens;
      const cache = cacheOf({ policy, budget: { kind: "count", slots }, buffer: 1 });
      const { chains, evicted } = await runs.run({ ids, maxTokens, cache });
      assert.equal(evicted, 0);
      assert.deepEqual(chains[0].tokenIds, replies[i]);
    }
  });

test("a budget that is passed changes tokens: the tests above could fail", async () => {
  const ids = randomIds(80);
  const full = await runs.run({ ids, cache: cacheOf({ policy: "full" }) });
  const evicting = await runs.run({ ids, cache: cacheOf({ policy: "streaming-llm" }) });
  assert.ok(evicting.compactions > 0);
  assert.notDeepEqual(evicting.chains[0].tokenIds, full.chains[0].tokenIds);
});
