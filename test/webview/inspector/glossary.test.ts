/** Words of the field explain themselves where they first occur; what is quoted is left alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { partsOf } from "../../../webview/inspector/page/glossary";
import { views } from "../../../webview/inspector/views";
import { traces } from "../../support/inspector/sceneTraces";

const termsOf = (sentence: string): string[] =>
  partsOf(sentence).flatMap(({ text, means }) => (means === undefined ? [] : [text]));

test("a word is explained once, in whatever form it comes, and as a whole word only", () => {
  assert.deepEqual(
    termsOf("Scored by λ: a KV head evicted it at compaction 2; compactions 3 and 4 too."),
    ["Scored", "λ", "KV head", "evicted", "compaction"],
  );
  assert.deepEqual(termsOf("The windows underscore buffering."), ["windows"]);
});

test("the longest of the words that fit is explained", () => {
  const [, term] = partsOf("The observation window is retained.");
  assert.deepEqual(
    [term.text, term.means?.split(":")[0]],
    ["observation window", "Observation window"],
  );
});

test("what is quoted is a text's own word", () => {
  const parts = partsOf("“score” at 3 repeats “λ” at 1.");
  assert.deepEqual(
    parts.filter(({ isQuoted }) => isQuoted).map(({ text }) => text),
    ["“score”", "“λ”"],
  );
  assert.deepEqual(termsOf("“score” at 3 repeats “λ” at 1."), []);
});

test("the parts of each view's sentence are the sentence", async () => {
  for (const stage of [traces.small, traces.hostile]) {
    const { state, data } = await stage();
    for (const { view } of Object.values(views)) {
      const { sentence } = await data.sceneOf(view, state, { width: 640, height: 320 });
      assert.equal(
        partsOf(sentence)
          .map(({ text }) => text)
          .join(""),
        sentence,
      );
    }
  }
});
