import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../src/cli/exitCodes";
import { askedOf } from "./asked";
import { attacks } from "./index";
import { inLines, inMarkdown, type Outcome } from "./outcomes";

test("attacks are asked for by their ids, in any case, or all at once", () => {
  assert.deepEqual(askedOf([], attacks).attacks, attacks);
  const { attacks: asked, times, seed } = askedOf(["t7", "--times", "9", "--seed", "0"], attacks);
  assert.deepEqual([asked.map(({ id }) => id), times, seed], [["T7"], 9, 0]);
});

for (const [args, words] of [
  [["T99"], /There is no T99; there are T\d/],
  [["--times", "0"], /--times 0: give a whole number from 1/],
  [["--times", "many"], /--times many: give a whole number/],
  [["--seed", "-1"], /--seed/],
  [["--seed", "1e3"], /--seed 1e3: give a whole number from 0 to 4294967295/],
  [["--fast"], /--fast.*\nnpm run attack -- /s],
] as const)
  test(`“${args.join(" ")}” is told what would be right`, () => {
    assert.throws(
      () => askedOf(args, attacks),
      (error: Error) => error instanceof UsageError && words.test(error.message),
    );
  });

test("the ids are different and in order", () => {
  const numbers = attacks.map(({ id }) => Number(id.slice(1)));
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
  );
});

test("the table tells of each attack, and how many held", () => {
  const [attack] = attacks;
  const outcomes: Outcome[] = [
    { attack, result: "held", seen: "1 | 2", millis: 500 },
    { attack, result: "FELL", seen: "lost", millis: 200_000 },
  ];
  assert.match(inLines(outcomes), /held +1 s .*\n.*FELL +3 min 20 s .*: lost\n\n1 held, 1 FELL$/);
  const [, , first] = inMarkdown(outcomes).split("\n");
  assert.match(first, /held \| 1 \\\| 2 \| 1 s \|$/);
});
