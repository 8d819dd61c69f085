/** What a person may change about the cache in mid-run, drawn for property tests. */
import fc from "fast-check";
import type { Budget, CacheSettings } from "../../src/shared/settings/settings";
import { policyNames } from "../../src/shared/settings/policies";

const budget: fc.Arbitrary<Budget> = fc.oneof(
  fc.integer({ min: 8, max: 60 }).map((slots) => ({ kind: "count" as const, slots })),
  fc.integer({ min: 5, max: 90 }).map((percent) => ({ kind: "share" as const, percent })),
  fc.constant({ kind: "full" as const }),
);

export const anyCacheChange: fc.Arbitrary<Partial<CacheSettings>> = fc.record({
  policy: fc.constantFrom(...policyNames),
  budget,
  buffer: fc.integer({ min: 1, max: 20 }),
  observationWindow: fc.integer({ min: 1, max: 8 }),
  lambda: fc.double({ min: 0, max: 1, noNaN: true }),
  pinPrompt: fc.boolean(),
});
