import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import type { Decoder } from "../../../src/engine/decoder/decoder";
import { compactionDue, slotsRetained } from "../../../src/engine/compaction/due";
import type { CacheSettings } from "../../../src/shared/settings/settings";
import { anyCacheChange } from "../../support/anyCacheChange";
import { cacheSettings, openToy, someIds } from "../../support/toyDecoder";

const open: Decoder[] = [];
after(() => Promise.all(open.map((decoder) => decoder.dispose())));

const changes: fc.Arbitrary<CacheSettings> = anyCacheChange.map(cacheSettings);
const plans = fc.array(fc.record({ settings: changes, steps: fc.integer({ min: 1, max: 12 }) }), {
  minLength: 1,
  maxLength: 5,
});

/** What holds of every head at any time. */
function assertWhole(decoder: Decoder, settings: CacheSettings, promptLength: number): void {
  const { slots, position } = decoder;
  const retained = slotsRetained(settings, { slots, position, promptLength });
  assert.ok(slots < retained + settings.buffer, `${slots} slots at a budget of ${retained}`);
  for (let layer = 0; layer < 2; layer++) {
    const positions = decoder.positions(layer);
    for (let head = 0; head < 2; head++) {
      const held = positions.subarray(head * slots, (head + 1) * slots);
      assert.ok(held.every((each, slot) => slot === 0 || each > held[slot - 1]));
      assert.equal(held[slots - 1], position - 1);
    }
  }
  assert.equal(decoder.bytesHeld, 2 * slots * 2 * 2 * 16 * 4);
}

test("whatever is switched in mid-run, every head stays whole and within budget + buffer", async () => {
  const decoder = await openToy("cpu");
  open.push(decoder);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 80 }), plans, async (promptLength, plan) => {
      await decoder.truncate(0);
      await decoder.feed([someIds(promptLength)]);
      let before: CacheSettings | undefined;
      for (const { settings, steps } of plan) {
        for (let step = 0; step < steps; step++) {
          const standing = { slots: decoder.slots, position: decoder.position, promptLength };
          const cause = compactionDue(settings, standing, step === 0 ? before : undefined);
          if (cause) {
            const draw = { seed: 0, compaction: step, chains: [0] };
            const request = { settings, cause, promptLength, ...draw };
            const { layers } = await decoder.compact(request);
            const pinned = settings.pinPrompt ? promptLength : 0;
            for (const { heads, slots, positions, retained } of layers)
              for (let i = 0; i < heads * slots; i++)
                if (positions[i] < pinned || i % slots >= slots - settings.observationWindow)
                  assert.equal(retained[i], 1, "the window and a pinned prompt stay");
          }
          assertWhole(decoder, settings, promptLength);
          const logits = await decoder.feed([[step]]);
          assert.ok(logits.every(Number.isFinite));
        }
        before = settings;
      }
    }),
    { numRuns: 30 },
  );
});
