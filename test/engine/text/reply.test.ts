/** How a reply is parted into thinking and answer, and cut into steps. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { StepCutter, type StepToken } from "../../../src/engine/text/stepCutter";
import { ThinkingSplitter, type SplitToken } from "../../../src/engine/text/thinkingSplitter";
import { tagsOpenedBy, withoutThinking } from "../../../src/engine/text/thinkingTags";

/** Splits into pieces of at most `size` characters, as tokens would come. */
function pieces(reply: string, size: number): string[] {
  return reply.match(new RegExp(`[^]{1,${size}}`, "gu")) ?? [];
}

/** Splits as tokenizers do: a word takes the space before it along, line breaks stay together. */
function words(reply: string): string[] {
  return reply.match(/ ?[\w']+|\n+| ?[^\w\s]+|\s/g) ?? [];
}

function split(texts: string[], prompt = ""): SplitToken[] {
  const splitter = new ThinkingSplitter(tagsOpenedBy(prompt));
  const tokens = texts.flatMap((text, id) => splitter.push({ id, text, label: text }));
  return [...tokens, ...splitter.end()];
}

function shown(tokens: SplitToken[], channel: "thinking" | "answer"): string {
  const parts = tokens.flatMap((token) => token.shown);
  return parts.flatMap((part) => (part.channel === channel ? [part.text] : [])).join("");
}

function steps(texts: string[], prompt = "<think>"): { tokens: StepToken[]; titles: string[] } {
  const cutter = new StepCutter(0, 10);
  const tokens = split(texts, prompt).flatMap((token) => cutter.push(token));
  tokens.push(...cutter.end());
  return { tokens, titles: cutter.takeRecords().map(({ kind, title }) => `${kind}: ${title}`) };
}

const replies: Record<string, [reply: string, thinking: string, answer: string]> = {
  "a tag pair": ["<think>\n2 < 3, so\n</think>\n\nYes.", "2 < 3, so\n", "Yes."],
  "no thinking": ["Yes, 2 < 3.", "", "Yes, 2 < 3."],
  "a tag within an answer": ["Write <think> to begin.", "", "Write <think> to begin."],
  "thinking that never ends": ["<think>Hmm </thin", "Hmm </thin", ""],
  "Seed-OSS": ["<seed:think>a</seed:think>b", "a", "b"],
  Magistral: ["[THINK]a[/THINK]b", "a", "b"],
  "gpt-oss": [
    "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b",
    "a",
    "b",
  ],
  "gpt-oss without analysis": ["<|channel|>final<|message|>b", "", "b"],
};

for (const [name, [reply, thinking, answer]] of Object.entries(replies))
  test(`${name}, in tokens of any size`, () => {
    for (const size of [1, 2, 3, 5, 8, 1000]) {
      const tokens = split(pieces(reply, size));
      assert.equal(shown(tokens, "thinking"), thinking);
      assert.equal(shown(tokens, "answer"), answer);
      assert.deepEqual(tokens.map((token) => token.text).join(""), reply);
    }
  });

test("a prompt that ends in the opening tag has opened the thinking", () => {
  const tokens = split(["So", "</think>", "42"], "<｜User｜>How many?<｜Assistant｜><think>\n");
  assert.deepEqual(
    tokens.map(({ channel }) => channel),
    ["thinking", "thinking", "answer"],
  );
});

test("a prompt that ends in an empty thought leaves only the answer", () => {
  assert.equal(shown(split(["42"], "<think>\n\n</think>\n\n"), "answer"), "42");
});

test("tokens come out once each, in order, whatever they say", () => {
  const word = fc.constantFrom("<", "think", ">", "</", "a", "\n\n", "Wait", ",", " ", "");
  fc.assert(
    fc.property(fc.array(word), (texts) => {
      const { tokens } = steps(texts, "");
      assert.deepEqual(
        tokens.map(({ id }) => id),
        texts.map((_, id) => id),
      );
      assert.deepEqual(
        tokens.map(({ position }) => position),
        texts.map((_, id) => 10 + id),
      );
      assert.ok(tokens.every(({ step }, i) => i === 0 || step - tokens[i - 1].step <= 1));
    }),
  );
});

test("a later turn sees a reply without its thinking", () => {
  assert.equal(withoutThinking("<think>2+2</think>\n\n4"), "4");
  assert.equal(withoutThinking("2+2</think>4"), "4");
  assert.equal(withoutThinking("<think>cut off"), "");
  assert.equal(withoutThinking("4"), "4");
});

/** In the manner of DeepSeek-R1-Distill on GSM8K. */
const chain = `Okay, so I need to find how many clips Natalia sold in April and May.
First, she sold clips to 48 friends in April. Then, in May, she sold half as many.

Half of 48 is 24. Let me write that down: 48 + 24 = 72.

Wait, let me check whether "half as many" means half of April's clips. I think it does. Waiting for more would not help.
**Step 2:** add both months. Hmm. Alternatively, 48 * 1.5 = 72. That matches.
</think>

Natalia sold 72 clips.`;

test("a chain of thought is cut where a new thought begins", () => {
  const { titles } = steps(words(chain));
  assert.deepEqual(titles, [
    "prompt: Prompt",
    "thinking: Okay, so I need to find how many clips Natalia sold in…",
    "thinking: First, she sold clips to 48 friends in April.",
    "thinking: Then, in May, she sold half as many.",
    "thinking: Half of 48 is 24.",
    "thinking: Let me write that down: 48 + 24 = 72.",
    'thinking: Wait, let me check whether "half as many" means half of…',
    "thinking: Step 2: add both months.",
    "thinking: Hmm. Alternatively, 48 * 1.5 = 72. That matches.",
    "answer: Natalia sold 72 clips.",
  ]);
});

test("the cuts do not depend on how the text falls into tokens", () => {
  assert.deepEqual(steps(pieces(chain, 1)).titles, steps(words(chain)).titles);
});

test("a step's tokens are those that show it, a heading's marks included", () => {
  const { tokens } = steps(["All facts are told.", "\n\n", "So", " Hal", " has", " 44", "."]);
  assert.deepEqual(
    tokens.map(({ step }) => step),
    [1, 1, 2, 2, 2, 2, 2],
  );
});
