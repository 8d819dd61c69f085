import assert from "node:assert/strict";
import { test } from "node:test";
import { budgetChoices, neighbourBudget } from "../../src/client/cacheChoices";
import { defaultCacheSettings, parseBudget } from "../../src/shared/settings";

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
