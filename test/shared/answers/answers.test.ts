import assert from "node:assert/strict";
import { test } from "node:test";
import { extractAnswer, sameAnswer } from "../../../src/shared/answers/answers";

const extracted: [text: string, answer: string | undefined][] = [
  ["Hal has 44 cards.", "44"],
  ["3 + 4 = 7", "7"],
  ["It costs $1,234.50.", "1,234.50"],
  ["from 3-4 to -5", "-5"],
  ["so half, 1/2", "1/2"],
  ["about 12.5%", "12.5%"],
  ["She pays 5*3=15.\n#### 15", "15"],
  ["#### 1,000 ", "1,000"],
  ["Thus \\boxed{\\frac{1}{2}}, since 3 > 2.", "\\frac{1}{2}"],
  ["first \\boxed{1} then \\boxed{ x^{2} }", "x^{2}"],
  ["I do not know.", undefined],
  ["an unfinished \\boxed{12", "12"],
];

for (const [text, answer] of extracted)
  test(`the answer of “${text.replace("\n", " ")}”`, () =>
    assert.equal(extractAnswer(text), answer));

const same: [string, string][] = [
  ["42", "42.0"],
  ["1,234", "1234"],
  ["$18", "18"],
  ["18 dollars", "18"],
  ["18\\text{ cm}", "18"],
  ["0.5", "\\frac{1}{2}"],
  ["\\dfrac{1}{2}", "\\frac12"],
  ["1/2", "\\tfrac{2}{4}"],
  ["2\\frac{1}{2}", "2.5"],
  ["-\\frac{3}{4}", "-0.75"],
  ["50\\%", "0.5"],
  ["50%", "50"],
  ["90^\\circ", "90"],
  ["x=5", "5"],
  ["\\left( 3, \\frac{\\pi}{2} \\right)", "(3,\\frac{\\pi}{2})"],
  ["(0.5, 2]", "(\\frac{1}{2},2]"],
  ["\\{1, 2\\}", "\\{1,2\\}"],
  ["\\text{(A)}", "(A)"],
  ["10{,}000", "10000"],
  ["−3", "-3"],
];

const different: [string, string][] = [
  ["42", "43"],
  ["(1,2)", "[1,2]"],
  ["(1,2)", "(2,1)"],
  ["(1,2)", "(1,2,3)"],
  ["1,234", "1,235"],
  ["2\\pi", "2"],
  ["x^2", "x^3"],
  ["", "0"],
  ["1/0", "2/0"],
  ["\\frac{1}{2}", "\\frac{1}{3}"],
];

for (const [a, b] of same)
  test(`${a} is ${b}`, () => assert.ok(sameAnswer(a, b) && sameAnswer(b, a)));

for (const [a, b] of different)
  test(`“${a}” is not “${b}”`, () => assert.ok(!sameAnswer(a, b) && !sameAnswer(b, a)));
