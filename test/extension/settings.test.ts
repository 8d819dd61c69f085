/** The person's settings: what is usable is used, what is not is named once, and the default used. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import {
  readCacheChoice,
  readHubEndpoint,
  readIdleMillis,
  readSamplingChoice,
  writeCacheChoice,
} from "../../src/extension/settings";
import { defaultCacheChoice } from "../../src/shared/settings/settings";
import { openWindow, person, seen, written } from "../support/fakeVscode";

beforeEach(openWindow);

test("where nothing is written, the defaults hold, and the model suggests the rest", () => {
  const { seed, ...sampling } = readSamplingChoice();
  assert.deepEqual(readCacheChoice(), { ...defaultCacheChoice, budget: undefined });
  assert.ok(Object.values(sampling).every((value) => value === undefined));
  assert.ok(Number.isInteger(seed), "drawn anew for each answer");
  assert.equal(readIdleMillis(), 5 * 60_000);
  assert.deepEqual(seen, []);
});

test("what is written is used, the folder's before the person's", () => {
  written.user.set("rkv.cache.policy", "snapkv");
  written.user.set("rkv.cache.budget", "34%");
  written.user.set("rkv.generation.seed", 7);
  written.workspace.set("rkv.cache.policy", "keydiff");
  const { policy, budget } = readCacheChoice();
  assert.deepEqual([policy, budget], ["keydiff", { kind: "share", percent: 34 }]);
  assert.equal(readSamplingChoice().seed, 7);
});

test("a value that cannot be used is named once, with what is used instead", () => {
  written.user.set("rkv.cache.buffer", -3);
  written.user.set("rkv.cache.budget", "a lot");
  for (let time = 0; time < 3; time++) {
    const { buffer, budget } = readCacheChoice();
    assert.equal(buffer, defaultCacheChoice.buffer);
    assert.deepEqual(budget, { kind: "count", slots: 1024 });
  }
  assert.equal(seen.length, 2);
  for (const [name, value] of [
    ["budget", '"a lot"'],
    ["buffer", "-3"],
  ]) {
    const said = seen.find(({ text }) => text.startsWith(`The setting rkv.cache.${name} is `));
    assert.ok(said?.text.includes(value) && said.text.endsWith(" is used instead."), said?.text);
    assert.deepEqual(said?.choices, ["Open Setting"]);
  }
});

test("who is told of a bad value can open its setting", async () => {
  written.user.set("rkv.model.unloadAfterMinutes", "soon");
  person.answers = ["Open Setting"];
  assert.equal(readIdleMillis(), 5 * 60_000);
  await new Promise(setImmediate);
  assert.equal(seen[1]?.text, "workbench.action.openSettings rkv.model.unloadAfterMinutes");
});

test("of a choice about the cache only what differs is written", async () => {
  written.user.set("rkv.cache.policy", "snapkv");
  const before = new Map(written.user);
  await writeCacheChoice(readCacheChoice());
  assert.deepEqual(written.user, before);
  await writeCacheChoice({ ...readCacheChoice(), budget: { kind: "full" } });
  assert.deepEqual(written.user, before.set("rkv.cache.budget", "full"));
  await writeCacheChoice({ ...readCacheChoice(), budget: undefined });
  assert.equal(written.user.get("rkv.cache.budget"), "", "the model suggests one again");
});

test("the hub is the setting's, else the environment's, else huggingface.co", (t) => {
  const { HF_ENDPOINT } = process.env;
  t.after(() => {
    if (HF_ENDPOINT === undefined) delete process.env.HF_ENDPOINT;
    else process.env.HF_ENDPOINT = HF_ENDPOINT;
  });
  delete process.env.HF_ENDPOINT;
  assert.equal(readHubEndpoint(), "https://huggingface.co");
  process.env.HF_ENDPOINT = "https://mirror.example";
  assert.equal(readHubEndpoint(), "https://mirror.example");
  written.user.set("rkv.hub.endpoint", "https://own.example");
  assert.equal(readHubEndpoint(), "https://own.example");
});
