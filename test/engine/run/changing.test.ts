import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import fc from "fast-check";
import type { Budget, CacheSettings } from "../../../src/shared/settings/settings";
import { anyCacheChange } from "../../support/anyCacheChange";
import { assertSound, assertWithin } from "../../support/engine/soundRun";
import { cacheOf, randomIds, TinyRuns } from "../../support/engine/tinyRuns";

let runs: TinyRuns;
before(async () => {
  runs = await TinyRuns.open();
});
beforeEach(() => {
  runs.afterFeed = () => undefined;
});
after(() => runs.close());

const ids = randomIds(40);
const slots = (count: number): Budget => ({ kind: "count", slots: count });

/** Takes each setting into force once the text has so many tokens. */
function change(settings: Record<number, CacheSettings>): void {
  runs.afterFeed = (control, position) => {
    control.cache = settings[position] ?? control.cache;
  };
}

test("a lower budget compacts at once", async () => {
  change({ 50: cacheOf({ budget: slots(16) }) });
  const { trace } = await runs.traced({ ids, cache: cacheOf({ budget: slots(48) }) });
  const [first] = trace.all("compaction");
  assert.deepEqual([first.position, first.cause, first.budget], [50, "budget", 16]);
});

test("a higher budget lets the cache grow again", async () => {
  change({ 45: cacheOf({ budget: slots(30) }) });
  const { trace } = await runs.traced({
    ids,
    maxTokens: 40,
    cache: cacheOf({ budget: slots(16) }),
  });
  const passes = trace.all("compaction").map(({ position, budget }) => [position, budget]);
  // 16 slots at 40 tokens, 38 at 62: then 30 + 8 are held for the first time.
  assert.deepEqual(passes, [
    [40, 16],
    [62, 30],
    [70, 30],
    [78, 30],
  ]);
});

test("policy, λ, window, buffer and pinned prompt are those in force at each compaction", async () => {
  const later = cacheOf({ policy: "snapkv", lambda: 0.7, observationWindow: 6, buffer: 4 });
  change({ 45: later, 55: { ...later, pinPrompt: true } });
  const { end, trace } = await runs.traced({ ids, maxTokens: 30 });
  const [first, second] = trace.all("compaction");
  assert.deepEqual([first.policy, first.lambda, first.observationWindow], ["rkv", 0.1, 4]);
  assert.deepEqual([second.policy, second.lambda, second.observationWindow], ["snapkv", 0.7, 6]);
  assert.deepEqual(
    trace.all("settings").map(({ position, cache }) => [position, cache]),
    [
      [0, cacheOf()],
      [45, later],
      [55, { ...later, pinPrompt: true }],
    ],
  );
  assert.equal(end.chains[0].tokenIds.length, 30);
});

const anySettings: fc.Arbitrary<CacheSettings> = anyCacheChange.map(cacheOf);
const anyChanges = fc.dictionary(fc.integer({ min: 1, max: 90 }).map(String), anySettings, {
  maxKeys: 6,
});

test("whatever a person changes in mid-run, no token is lost and every compaction is sound", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 60 }),
      anySettings,
      anyChanges,
      async (promptTokens, cache, changes) => {
        change(changes);
        const asked = { ids: randomIds(promptTokens), maxTokens: 30, cache };
        const { end, trace } = await runs.traced(asked);
        assert.equal(end.chains[0].stopReason, "length");
        assert.equal(end.chains[0].tokenIds.length, 30);
        assert.deepEqual(trace.reply(), end.chains[0].tokenIds);
        await assertSound(trace, promptTokens);
        assertWithin(trace, promptTokens);
      },
    ),
    { numRuns: 25 },
  );
});
