import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { TextWorker } from "../../../src/engine/text/textWorker";
import {
  byteTokenizer,
  metaspaceTokenizer,
  openText,
  wordPieceTokenizer,
} from "../../support/engine/textModels";

/** The ids' texts, decoded in batches of the given sizes, each with what came before as context. */
async function stream(text: TextWorker, ids: number[], sizes: number[]): Promise<string[]> {
  const texts: string[] = [];
  for (let at = 0, turn = 0; at < ids.length; turn++) {
    const size = sizes[turn % sizes.length];
    const context = ids.slice(Math.max(0, at - 16), at);
    const tokens = await text.decode(ids.slice(at, at + size), context);
    texts.push(...tokens.map((token) => token.text));
    at += size;
  }
  return texts;
}

test("a character that is spread over tokens comes whole, with the last of them", async (t) => {
  const text = openText(t, byteTokenizer());
  const tokens = await text.decode(await text.encode("né 日"));
  assert.deepEqual(
    tokens.map((token) => token.text),
    ["n", "", "é", " ", "", "", "日"],
  );
  assert.ok(tokens.every((token) => token.label !== ""));
});

test("a character that the text only begins is not shown", async (t) => {
  const text = openText(t, byteTokenizer());
  const ids = await text.encode("ok 👋");
  assert.equal((await stream(text, ids.slice(0, -1), [1])).join(""), "ok ");
});

test("emoji, joined emoji, combining marks and Chinese survive any batching", async (t) => {
  const text = openText(t, byteTokenizer());
  const said = "👩‍👩‍👧‍👦 e\u0301 漢字 🇨🇭 \u{10FFFF} naïve\n\ttab  two";
  const ids = await text.encode(said);
  for (const sizes of [[1], [2, 3], [7], [1000]])
    assert.equal((await stream(text, ids, sizes)).join(""), said);
});

test("streaming random bytes, valid or not, gives what decoding them at once gives", async (t) => {
  const text = openText(t, byteTokenizer());
  const ids = fc.array(fc.nat(255), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(
      ids,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      async (some, sizes) => {
        const streamed = (await stream(text, some, sizes)).join("");
        const whole = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(some));
        assert.equal(streamed, whole.replace(/\uFFFD$/, ""));
      },
    ),
    { numRuns: 60 },
  );
});

test("spaces are where the decoder puts them: Metaspace with byte fallback", async (t) => {
  const text = openText(t, metaspaceTokenizer(["▁Wait", ",", "▁let", "▁me", "▁", "x", "▁▁"]));
  const ids = [256, 257, 258, 259, 0xf0, 0x9f, 0x91, 0x8b, 260, 261, 262, 261];
  assert.equal((await stream(text, ids, [1])).join(""), "Wait, let me👋 x  x");
});

test("spaces are where the decoder puts them: WordPiece", async (t) => {
  const text = openText(t, wordPieceTokenizer(["rea", "##son", "##ing", "is", "fun"]));
  const ids = await text.encode("reasoning is fun");
  assert.deepEqual(await stream(text, ids, [1]), ["rea", "son", "ing", " is", " fun"]);
});

test("special tokens steer and are not shown; thinking tags are, for they part the reply", async (t) => {
  const text = openText(t, byteTokenizer());
  const tokens = await text.decode([256, 65, 257, 258, 66]);
  assert.deepEqual(
    tokens.map(({ text: shown, label }) => [shown, label]),
    [
      ["", "<|im_start|>"],
      ["A", "A"],
      ["", "<|im_end|>"],
      ["<think>", "<think>"],
      ["B", "B"],
    ],
  );
});

test("an id past the tokenizer's vocabulary, which padded weights have, shows nothing", async (t) => {
  const text = openText(t, byteTokenizer());
  assert.deepEqual(await text.decode([9999]), [{ id: 9999, text: "", label: "#9999" }]);
});

test("what is encoded decodes to itself", async (t) => {
  const text = openText(t, byteTokenizer());
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1 }), async (said) => {
      fc.pre(!said.includes("\uFFFD"));
      assert.equal((await stream(text, await text.encode(said), [5])).join(""), said);
    }),
    { numRuns: 60 },
  );
});
