import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compactionDue, slotsRetained } from "../../../src/engine/compaction/due";
import { defaultCacheSettings, type CacheSettings } from "../../../src/shared/settings/settings";

const settings: CacheSettings = {
  ...defaultCacheSettings,
  budget: { kind: "count", slots: 100 },
  buffer: 20,
};
const share = (percent: number): CacheSettings => ({
  ...settings,
  budget: { kind: "share", percent },
});
const standing = (slots: number, position = slots, promptLength = 10) => ({
  slots,
  position,
  promptLength,
});

describe("a compaction is due", () => {
  test("as soon as a layer holds budget + buffer slots", () => {
    assert.equal(compactionDue(settings, standing(119)), undefined);
    assert.equal(compactionDue(settings, standing(120)), "buffer");
    assert.equal(compactionDue(settings, standing(120, 900)), "buffer");
  });

  test("right after the prefill of a prompt that long", () => {
    assert.equal(compactionDue(settings, standing(400, 400, 400)), "prompt");
    assert.equal(compactionDue(settings, standing(119, 119, 119)), undefined);
  });

  test("at once when the budget was lowered, not when it was raised", () => {
    const before = { ...settings, budget: { kind: "count", slots: 200 } } as const;
    assert.equal(compactionDue(settings, standing(101), before), "budget");
    assert.equal(compactionDue(settings, standing(100), before), undefined);
    assert.equal(compactionDue(before, standing(119), settings), undefined);
    const full = { ...settings, policy: "full" } as const;
    assert.equal(compactionDue(settings, standing(110), full), "budget");
  });

  test("because of the settings when a shorter buffer is already full", () => {
    const before = { ...settings, buffer: 64 };
    assert.equal(compactionDue(settings, standing(125), before), "settings");
    assert.equal(compactionDue(settings, standing(110), before), undefined);
  });

  test("never where nothing is evicted", () => {
    for (const never of [
      { ...settings, policy: "full" as const },
      { ...settings, budget: { kind: "full" as const } },
    ])
      assert.equal(compactionDue(never, standing(100_000)), undefined);
  });
});

describe("a head retains", () => {
  test("a share of the tokens so far, and at least the window and one more", () => {
    assert.equal(slotsRetained(share(10), standing(300, 1000)), 100);
    assert.equal(slotsRetained(share(10), standing(50, 50)), settings.observationWindow + 1);
  });

  test("the whole pinned prompt and the window, whatever the budget", () => {
    const pinned = { ...settings, pinPrompt: true };
    assert.equal(slotsRetained(pinned, standing(300, 300, 250)), 258);
    assert.equal(slotsRetained(pinned, standing(300, 300, 50)), 100);
    assert.equal(
      slotsRetained({ ...pinned, ...share(1), pinPrompt: true }, standing(9, 900, 40)),
      48,
    );
  });
});
