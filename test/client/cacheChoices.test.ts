import assert from "node:assert/strict";
import { test } from "node:test";
import { budgetChoices, chainChoices, neighbourBudget } from "../../src/client/cacheChoices";
import { defaultCacheSettings, parseBudget } from "../../src/shared/settings/settings";
import { tinyModelInfo } from "../support/tinyModelInfo";

const at = (budget: string): typeof defaultCacheSettings => ({
  ...defaultCacheSettings,
  budget: parseBudget(budget),
});

test("the current budget is marked, and listed where it is not a preset", () => {
  const marked = (budget: string): string[] =>
    budgetChoices(at(budget)).flatMap(({ label, current }) => (current ? [label] : []));
  assert.deepEqual(marked("1024"), ["1024"]);
  assert.deepEqual(marked("34%"), ["34 %"]);
  assert.deepEqual(marked("full"), ["Full"]);
  assert.deepEqual(marked("96"), ["96"]);
});

test("the model's suggestion is named, and listed also after another choice", () => {
  const info = { ...tinyModelInfo, suggestedBudget: parseBudget("192") };
  const suggested = budgetChoices(at("full"), info).filter(({ description }) =>
    description.endsWith("suggested by the model"),
  );
  assert.deepEqual(
    suggested.map(({ label, current }) => [label, current]),
    [["192", false]],
  );
});

test("budgets are listed by size: counts, then shares, then all", () => {
  const labels = budgetChoices(at("96"), { ...tinyModelInfo, suggestedBudget: parseBudget("20%") });
  assert.equal(
    labels.map(({ label }) => label).join(", "),
    "96, 128, 256, 512, 1024, 2048, 4096, 10 %, 16 %, 20 %, 34 %, Full",
  );
});

test("next and previous climb the presets, from between two of them as well", () => {
  const steps = [
    ["512", 1, "1024"],
    ["512", -1, "256"],
    ["600", 1, "1024"],
    ["600", -1, "512"],
    ["128", -1, "128"],
    ["4096", 1, "full"],
    ["9000", -1, "4096"],
    ["9000", 1, "full"],
    ["full", -1, "4096"],
    ["full", 1, "full"],
  ] as const;
  for (const [from, step, to] of steps)
    assert.equal(neighbourBudget(at(from), step), to, `${from} ${step}`);
});

test("so many chains take so much memory, beside one chain that forgets nothing", () => {
  const cache = { ...at("64"), buffer: 64 };
  const details = chainChoices(1, cache, tinyModelInfo).map(({ label, detail }) => [label, detail]);
  assert.deepEqual(details, [
    ["1 way", "up to 16 kB, one whole chain 66 kB"],
    ["4 ways", "up to 66 kB, one whole chain 66 kB"],
    ["8 ways", "up to 131 kB, one whole chain 66 kB"],
    ["16 ways", "up to 262 kB, one whole chain 66 kB"],
  ]);
  const [whole] = chainChoices(1, at("full"), tinyModelInfo);
  assert.equal(whole.detail, "up to 66 kB, one whole chain 66 kB");
  assert.ok(chainChoices(3, cache).some(({ value, current }) => value === "3" && current));
});
