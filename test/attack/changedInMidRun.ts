/** T15: budget, policy and the rest changed, stopped, edited and asked again in the middle of runs. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import path from "node:path";
import { slotsRetained } from "../../src/engine/compaction/due";
import type { Random } from "../../src/shared/random";
import { type Budget, type CacheSettings, policyNames } from "../../src/shared/settings/settings";
import { assertSound, assertWithin } from "../support/engine/soundRun";
import { cacheOf, TinyRuns } from "../support/engine/tinyRuns";
import type { Attack } from "./attack";

const mostRuns = 4;
const mostChanges = 5;
const longestPrompt = 60;
const longestReply = 40;
const vocabulary = 512;
const full = cacheOf({ policy: "full" });

export const changedInMidRun: Attack = {
  id: "T15",
  what: "settings changed, runs stopped, questions edited and asked again in random order",
  goal: "rows within budget + buffer, positions ascending, the best scores kept, no number that is none, a budget that is never passed changes no token",
  short: 40,
  long: 2_000,
  run: async (times, chance, tell) => {
    const sequences = new Sequences(await TinyRuns.open(), await TinyRuns.open());
    try {
      for (let turn = 0; turn < times; turn++) {
        await sequences.next(chance);
        if (turn % 100 === 99) tell(`${turn + 1} of ${times}`);
      }
      return `${times} sequences: ${sequences.inWords()}`;
    } finally {
      await sequences.close();
    }
  },
};

class Sequences {
  private readonly seen = { runs: 0, compactions: 0, changes: 0, stops: 0, identical: 0 };
  private text: number[] = [];

  /** Changes go to the first runs; the second ones tell what a whole cache would have said. */
  constructor(
    private readonly runs: TinyRuns,
    private readonly whole: TinyRuns,
  ) {}

  /** A conversation of a few runs, each going on from what the cache still holds of the one before. */
  async next(chance: Random): Promise<void> {
    for (let run = chance.integer(1, mostRuns); run > 0; run--) {
      const ids = this.nextPrompt(chance);
      const reply = await this.tryOne(ids, chance);
      this.text = [...ids, ...reply];
    }
  }

  inWords(): string {
    const { runs, compactions, changes, stops, identical } = this.seen;
    return `${runs} runs, ${changes} changes, ${stops} stops, ${compactions} compactions; ${identical} of ${identical} runs that evicted nothing said what a whole cache says`;
  }

  async close(): Promise<void> {
    await this.runs.close();
    await this.whole.close();
  }

  /** Another question, the next one, the same one again, or the same one edited. */
  private nextPrompt(chance: Random): number[] {
    const added = Array.from({ length: chance.integer(1, longestPrompt) }, () =>
      chance.integer(3, vocabulary - 1),
    );
    switch (chance.pick(["another", "next", "again", "edited"] as const)) {
      case "another":
        return added;
      case "next":
        return [...this.text, ...added].slice(-3 * longestPrompt);
      case "again":
        return this.text.length > 0 ? this.text.slice(0, 2 * longestPrompt) : added;
      case "edited":
        return [...this.text.slice(0, chance.integer(0, longestPrompt)), ...added];
    }
  }

  private async tryOne(ids: number[], chance: Random): Promise<number[]> {
    const maxTokens = chance.integer(1, longestReply);
    const last = ids.length + maxTokens;
    const settings = drawnSettings(chance, last);
    const changes = new Map<number, CacheSettings>();
    for (let change = chance.integer(0, mostChanges); change > 0; change--)
      changes.set(chance.integer(1, last), drawnSettings(chance, last));
    const stop = chance.next() < 0.2 ? chance.integer(1, last) : Infinity;
    this.runs.afterFeed = (control, position) => {
      control.cache = changes.get(position) ?? control.cache;
      control.isCancelled = position >= stop;
    };
    const { end, trace, traceFile } = await this.runs.traced({ ids, maxTokens, cache: settings });
    await rm(path.dirname(traceFile), { recursive: true });
    const [{ tokenIds, stopReason }] = end.chains;
    assert.ok(stopReason === "length" || (stopReason === "cancelled" && stop <= last), stopReason);
    assert.deepEqual(trace.reply(), tokenIds);
    await assertSound(trace, ids.length);
    assertWithin(trace, ids.length);
    await this.assertIdentical(ids, tokenIds, [settings, ...changes.values()], end.evicted);
    this.seen.runs += 1;
    this.seen.changes += changes.size;
    this.seen.compactions += end.compactions;
    if (stopReason === "cancelled") this.seen.stops += 1;
    return tokenIds;
  }

  /** Where nothing was evicted, the tokens are those of a whole cache; where nothing had to be, too. */
  private async assertIdentical(
    ids: number[],
    reply: number[],
    settings: CacheSettings[],
    evicted: number,
  ): Promise<void> {
    const position = ids.length + reply.length;
    const standing = { slots: position, position, promptLength: ids.length };
    if (settings.every((each) => slotsRetained(each, standing) >= position))
      assert.equal(evicted, 0, "a budget that was never passed evicted something");
    if (evicted > 0 || reply.length === 0) return;
    const { chains } = await this.whole.run({ ids, maxTokens: reply.length, cache: full });
    assert.deepEqual(reply, chains[0].tokenIds);
    this.seen.identical += 1;
  }
}

function drawnSettings(chance: Random, length: number): CacheSettings {
  return cacheOf({
    policy: chance.pick(policyNames),
    budget: drawnBudget(chance, length),
    buffer: chance.integer(1, 20),
    observationWindow: chance.integer(1, 8),
    lambda: chance.next(),
    pinPrompt: chance.next() < 0.3,
  });
}

function drawnBudget(chance: Random, length: number): Budget {
  switch (chance.pick(["small", "share", "never passed", "full"] as const)) {
    case "small":
      return { kind: "count", slots: chance.integer(9, 60) };
    case "share":
      return { kind: "share", percent: chance.integer(5, 90) };
    case "never passed":
      return { kind: "count", slots: length + chance.integer(0, 50) };
    case "full":
      return { kind: "full" };
  }
}
