/** Data sets as they are published: GSM8K and MATH, lines or an array. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { dataset, isRight } from "../../src/cli/eval/problems";

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "rkv-dataset-"));
});
after(() => rm(folder, { recursive: true }));

async function read(text: string, count = Infinity) {
  const file = path.join(folder, "set.json");
  await writeFile(file, text);
  return dataset(file, count);
}

const gsm8k = {
  question: "How many clips altogether?",
  answer: "She sold 48/2 = <<48/2=24>>24 clips in May.\n48+24 = <<48+24=72>>72\n#### 72",
};
const math = {
  problem: "What is the chance?",
  level: "Level 3",
  solution: "There are 4 ways of 6, so it is $\\frac{4}{6} = \\boxed{\\frac{2}{3}}$.",
};
const math500 = { problem: "Factor.", solution: "Hence \\boxed{x^2+2x}.", answer: "x^2+2x" };

test("GSM8K in lines: the answer is what stands after ####", async () => {
  const [problem] = await read(`${JSON.stringify(gsm8k)}\n\n`);
  assert.deepEqual(problem, { question: gsm8k.question, answer: "72" });
  assert.ok(isRight(problem, "48 and 24 are 72 clips."));
  assert.ok(!isRight(problem, "The answer is 24."));
});

test("MATH in an array: the answer is in the solution's box", async () => {
  const [problem] = await read(JSON.stringify([math]));
  assert.deepEqual(problem, { question: math.problem, answer: "\\frac{2}{3}" });
  assert.ok(isRight(problem, "So \\boxed{\\dfrac{2}{3}}."));
  assert.ok(isRight(problem, "It is 2/3."));
});

test("an answer without a mark is taken as it is, not for its last number", async () => {
  const [problem, fraction] = await read(
    [math500, { problem: "?", answer: "\\frac{3}{4}" }]
      .map((row) => JSON.stringify(row))
      .join("\n"),
  );
  assert.equal(problem.answer, "x^2+2x");
  assert.ok(!isRight(problem, "The answer is 2."));
  assert.ok(isRight(fraction, "\\boxed{0.75}"));
  assert.ok(!isRight(fraction, "4"));
});

test("what is no data set is refused with the place", async () => {
  await assert.rejects(read("plain text"), /no JSON in line 1 of .*; give/);
  await assert.rejects(
    read('[{"question": "a"}]'),
    /Problem 1 of .* needs .*“answer” or “solution”/,
  );
  await assert.rejects(read(""), /holds no problem/);
  await assert.rejects(dataset(path.join(folder, "none"), 1), /cannot be read; check its name/);
});
