/** T9: a hub that cuts, stalls, lies, floods and sends elsewhere, in any order. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Random } from "../../src/shared/random";
import { assertNothingBad, assertWhole, download, type Place } from "../support/downloads";
import { faults, listings, startHub } from "../support/standInHub";
import type { Attack } from "./attack";

/** Says what, where and what to do; no stack, no schema, no bare words of a library. */
const sentence = /^[^{}[\]\n]{20,}\.$/;
const bareWords = /fetch failed|undefined|object|terminated|Zod|at \w+ \(/;

export const downloads: Attack = {
  id: "T9",
  what: "a hub that cuts, stalls, lies, floods and sends elsewhere",
  goal: "the right file or a clear error, every time; no bad file, no token elsewhere; then it goes on",
  short: 10,
  long: 300,
  run: async (times, chance, tell) => {
    let whole = 0;
    for (let i = 0; i < times; i++) {
      if (await survives(chance)) whole += 1;
      if (i % 20 === 19) tell(`${i + 1} of ${times}`);
    }
    return `${times} of ${times} as they must be: ${whole} whole at once, ${times - whole} with a clear error and whole at the next try`;
  },
};

/** True where the file came whole in spite of all. */
async function survives(chance: Random): Promise<boolean> {
  const cache = await mkdtemp(path.join(tmpdir(), "rkv-attack-"));
  const hub = await startHub(chance.integer(1, 300_000));
  const place: Place = { hub, cache };
  hub.faults = Array.from({ length: chance.integer(0, 7) }, () => chance.pick(faults));
  if (chance.next() < 0.1) hub.listing = chance.pick(listings);
  const told = `${hub.listing}; ${hub.faults.join(", ")}`;
  try {
    const error = await attempt(place);
    await assertNothingBad(cache);
    if (error !== undefined) assertClear(error, told);
    hub.faults = [];
    hub.listing = "right";
    assert.equal(await attempt(place), undefined, `after ${told}`);
    assert.ok(hub.tokens.other.every((token) => token === undefined));
    return error === undefined;
  } finally {
    hub.close();
    await rm(cache, { recursive: true });
  }
}

/** What it failed with, or undefined where the right file lies there. */
async function attempt(place: Place): Promise<unknown> {
  try {
    await assertWhole(await download(place), place.hub);
    return undefined;
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return error;
  }
}

function assertClear(error: unknown, after: string): void {
  assert.ok(error instanceof Error, after);
  assert.match(error.message, sentence, after);
  assert.doesNotMatch(error.message, bareWords, after);
}
