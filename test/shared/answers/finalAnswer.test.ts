/** What replies answer, and which answers count as one: pairs made by hand. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { valueKey } from "../../../src/shared/answers/answers";
import { finalAnswer } from "../../../src/shared/answers/finalAnswer";

const found: [reply: string, answer: string | undefined][] = [
  ["Hal has 44 cards.", "44"],
  ["Hal has **44** cards.", "44"],
  ["22 + 22 = 44\nSo Hal has 44 cards.\nI hope this helps!", "44"],
  ["The answer is 12, because 3 of the 15 are gone.", "12"],
  ["The answer is 2 + 3 = 5.", "5"],
  ["**Answer:** 7 apples", "7"],
  ["Final answer: \\boxed{\\frac{1}{2}}", "\\frac{1}{2}"],
  ["The answer is Paris. It lies on the Seine.", "Paris"],
  ["Yes, 7 is a prime number.", "yes"],
  ["No. It is 3 times 7.", "no"],
  ["No problem! Hal has 44 cards.", "44"],
  ["True", "true"],
  ["B", "B"],
  ["(C) 14 apples", "C"],
  ["D. None of them", "D"],
  ["The answer is (B).", "B"],
  ["The correct answer is option A.", "A"],
  ["\\boxed{\\text{C}}", "C"],
  ["A cat has 4 legs.", "4"],
  ["I think so", "I think so"],
  ["It depends.\nThe sky is blue.", "The sky is blue."],
  ["  ", undefined],
  ["word ".repeat(300), "word ".repeat(40)],
];

for (const [reply, answer] of found)
  test(`what ${JSON.stringify(reply.slice(0, 60))} answers`, () =>
    assert.equal(finalAnswer(reply), answer));

const equal: [string, string][] = [
  ["Hal has 44 cards.", "44"],
  ["The answer is 44.", "#### 44"],
  ["\\boxed{44}", "So there are 44 cards."],
  ["\\boxed{44.0}", "44"],
  ["It costs $1,234.50.", "1234.5"],
  ["\\boxed{1{,}000}", "1,000"],
  ["\\boxed{0.5}", "\\boxed{\\frac{1}{2}}"],
  ["\\boxed{\\dfrac12}", "The answer is 1/2."],
  ["\\boxed{2\\frac{1}{2}}", "2.5"],
  ["\\boxed{50\\%}", "0.5"],
  ["50%", "\\boxed{\\tfrac{2}{4}}"],
  ["−3", "-3"],
  ["\\boxed{-\\frac{3}{4}}", "-0.75"],
  [".25", "0.25"],
  ["\\boxed{18\\text{ cm}}", "She needs 18 cm."],
  ["\\boxed{x=5}", "5"],
  ["\\boxed{90^\\circ}", "90°"],
  ["\\boxed{(1, 2)}", "\\boxed{\\left(1,2\\right)}"],
  ["\\boxed{(0.5, 2]}", "\\boxed{(\\frac{1}{2},2]}"],
  ["\\boxed{x^{2}}", "\\boxed{ x^{2} }"],
  ["\\boxed{\\frac{\\pi}{2}}", "\\boxed{\\dfrac{\\pi}{2}}"],
  ["\\boxed{-0}", "0"],
  ["Yes.", "Yes, it is a prime number."],
  ["yes", "**Yes**, since 7 has no divisors."],
  ["No", "No: 21 is 3 times 7."],
  ["True.", "The answer is true."],
  ["(B)", "The answer is B."],
  ["B) 14", "\\boxed{B}"],
  ["\\boxed{\\text{(C)}}", "Answer: C"],
  ["The answer is option D.", "D. None of them"],
  ["Paris", "The answer is Paris."],
  ["paris.", "Answer: Paris"],
  ["the Eiffel Tower", "Eiffel tower"],
  ["“Hamlet”", "Hamlet."],
  ["Final answer: New  York", "new york"],
  ["\\boxed{a}", "(A)"],
];

const unequal: [string, string][] = [
  ["44", "42"],
  ["44", "-44"],
  ["44", "4.4"],
  ["1,234", "1.234"],
  ["1/2", "1/3"],
  ["\\boxed{2\\frac{1}{2}}", "2"],
  ["50%", "50"],
  ["50%", "5"],
  ["\\boxed{(1,2)}", "\\boxed{(2,1)}"],
  ["\\boxed{(1,2)}", "\\boxed{[1,2]}"],
  ["\\boxed{(1,2)}", "\\boxed{(1,2,3)}"],
  ["\\boxed{2\\pi}", "2"],
  ["\\boxed{x^2}", "\\boxed{x^3}"],
  ["\\boxed{x+1}", "\\boxed{x-1}"],
  ["\\boxed{\\sqrt{2}}", "\\boxed{\\sqrt{3}}"],
  ["\\boxed{1/0}", "\\boxed{2/0}"],
  ["Yes.", "No."],
  ["Yes, there are 3.", "No, there are 3."],
  ["True", "False"],
  ["A", "B"],
  ["(A) 3 apples", "(B) 3 apples"],
  ["The answer is A.", "The answer is C."],
  ["Paris", "London"],
  ["Paris", "Paris, Texas"],
  ["New York", "York"],
  ["no", "none"],
  ["B", "Bee"],
  ["yes", "1"],
  ["\\boxed{a}", "\\boxed{an}"],
];

function keyOf(reply: string): string {
  return valueKey(finalAnswer(reply) ?? "");
}

describe("answers", () => {
  for (const [a, b] of equal) test(`${a} is ${b}`, () => assert.equal(keyOf(a), keyOf(b)));
  for (const [a, b] of unequal) test(`${a} is not ${b}`, () => assert.notEqual(keyOf(a), keyOf(b)));
});
