import assert from "node:assert/strict";
import { test } from "node:test";
import { seedOf } from "../../src/shared/random";

test("no two of seed, compaction, layer and chain draw the same noise, not even shifted", () => {
  const few = [0, 1, 2, 3, 4, 5, 6];
  const seeds = few.flatMap((seed) =>
    few.flatMap((compaction) =>
      few.flatMap((layer) => few.map((chain) => seedOf(seed, compaction, layer, chain))),
    ),
  );
  assert.equal(new Set(seeds).size, few.length ** 4);
  // Random steps its state by this number, so that seeds that lie a few steps apart share numbers.
  const shifts = [1, 2, 3].map((steps) => Math.imul(0x9e3779b9, steps));
  const known = new Set(seeds.map((seed) => seed | 0));
  for (const shift of shifts)
    for (const seed of known) assert.ok(!known.has((seed + shift) | 0), `${seed} by ${shift}`);
});
