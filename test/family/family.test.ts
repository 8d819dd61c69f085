import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { drawProblem, heldOutProblems } from "../../src/family/drawProblem";
import { familyNamed } from "../../src/family/families";
import { readProblem } from "../../src/family/readProblem";
import { fnv1a32, isHeldOut, problemText, solve, values } from "../../src/family/wordProblems";
import { Random } from "../../src/shared/random";

const told = "Ned has 32 cards. Ava has 10 fewer than Ned. Hal has twice as many as Ava.";
const asked = "How many cards does Hal have?";

function hint(question: string): string {
  const reading = readProblem(question);
  assert.equal(typeof reading, "string", question);
  return reading as string;
}

test("a question of the family is read and solved", () => {
  const problem = readProblem(`${told} ${asked}`);
  assert.ok(typeof problem !== "string");
  assert.equal(solve(problem), 44);
  assert.equal(problemText(problem), `${told} ${asked}`);
});

test("capitals, spaces and line breaks don't matter", () => {
  const typed = `\n ${told.toUpperCase().replaceAll(". ", " .\n\n  ")}  how  MANY cards does hal have ?\n`;
  assert.deepEqual(readProblem(typed), readProblem(`${told} ${asked}`));
});

test("whatever is drawn is read back as it was, and has whole values from 0 to 99", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const problem = drawProblem(new Random(seed));
      assert.deepEqual(readProblem(problemText(problem)), problem);
      for (const value of values(problem).values())
        assert.ok(Number.isInteger(value) && value >= 0 && value <= 99);
    }),
  );
});

test("the held-out rule is the one that training used", () => {
  const example =
    "Cal has 83 books. Eve has 13 more than Cal. Ben has 8 more than Cal. How many books does Ben have?";
  assert.equal(fnv1a32(example), 3313051251);
  const problems = heldOutProblems(1, 40);
  assert.ok(problems.every(isHeldOut));
  assert.equal(new Set(problems.map(problemText)).size, 40);
  assert.deepEqual(heldOutProblems(1, 40), problems);
});

const outside: Record<string, [question: string, why: RegExp]> = {
  "another kind of question": ["What is the capital of France?", /last sentence is not/],
  "no question": [told, /last sentence is not/],
  "nothing at all": ["", /last sentence is not/],
  "an unknown name": [`${told} How many cards does Zoe have?`, /“zoe” is not one of the names/],
  "an unknown thing": [told.replace("cards", "cats") + " How many cats does Hal have?", /“cats”/],
  "two things": [`${told.replace("cards", "keys")} ${asked}`, /both keys and cards/],
  "another statement": [`${told} Kim likes Hal. ${asked}`, /“kim likes hal\.” is not a statement/],
  "a name never given": [`${told} How many cards does Kim have?`, /nothing says what Kim has/],
  "a name used too early": [`Kim has 3 more than Leo. ${told} ${asked}`, /Leo is used before/],
  "a name told twice": [`${told} Ned has 2 cards. ${asked}`, /said twice what Ned has/],
  "a number past 99": [`${told.replace("32", "320")} ${asked}`, /320 is not a number from 0 to 99/],
  "a value past 99": [`${told.replace("32", "90")} ${asked}`, /Hal would have 160/],
  "a value below 0": [`${told.replace("10 fewer", "40 fewer")} ${asked}`, /Ava would have -8/],
  "half of an odd number": [
    `Ned has 33 cards. Ava has half as many as Ned. Hal has 1 more than Ava. ${asked}`,
    /Ava would have half of an odd number/,
  ],
  "too few statements": [`Ned has 32 cards. How many cards does Ned have?`, /1 statements/],
  "too many statements": [`${told} ${"Kim has 2 cards. ".repeat(14)}${asked}`, /17 statements/],
};

for (const [name, [question, why]] of Object.entries(outside))
  test(`the hint is honest about ${name}`, () => assert.match(hint(question), why));

test("a family is found by the name that a model's rkv-lens.json gives", () => {
  const family = familyNamed("word-problems");
  assert.equal(family?.hintFor(`${told} ${asked}`), undefined);
  assert.match(family?.hintFor("Hello") ?? "", /made for word problems/);
  for (const unknown of [undefined, "poems", "__proto__", "toString"])
    assert.equal(familyNamed(unknown), undefined);
});
