/** Other people's text on its way to a terminal, a page, a spreadsheet or a file. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { csvParseRows } from "d3";
import fc from "fast-check";
import {
  csvCell,
  forHtml,
  forTerminal,
  jsonForTerminal,
  visibleText,
} from "../../src/shared/strangersText";
import { assertHarmless, hostileText } from "../support/hostileText";

/** Mostly of the characters that matter. */
const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xff }),
      fc.integer({ min: 0x2000, max: 0x206f }),
      fc.integer({ min: 0xe0000, max: 0xe01ef }),
      fc.constantFrom(0xad, 0x34f, 0x61c, 0x180e, 0x3164, 0xfe0f, 0xfeff, 0x1f468, 0x645, 0xd83d),
    ),
  )
  .map((codes) => codes.map((code) => String.fromCodePoint(code)).join(""));

test("what steers or hides is shown by its code point", () => {
  assert.equal(
    forTerminal("a\u001b[2J\u009b\u202e\u{e0041}\u00ad\u3164"),
    "a⟨U+001B⟩[2J⟨U+009B⟩⟨U+202E⟩⟨U+E0041⟩⟨U+00AD⟩⟨U+3164⟩",
  );
  assert.equal(forTerminal("a\nb\r\nc\rd\te"), "a⏎b⏎c⟨U+000D⟩d\te");
  assert.equal(forTerminal("a\nb\r\nc\rd\te", "many"), "a\nb\nc⟨U+000D⟩d\te");
  assertHarmless(forTerminal(hostileText));
});

test("no text steers or hides, and cleaning twice is cleaning once", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const shown = forTerminal(text);
      assertHarmless(shown);
      assert.ok(!shown.includes("\n"));
      assert.equal(forTerminal(shown), shown);
    }),
  );
});

test("scripts and emoji keep their joiners and selectors, ASCII does not", () => {
  for (const text of ["می‌خواهم", "क्‍ष", "👨‍👩‍👧", "❤️‍🔥", "🏳️‍🌈", "1️⃣", "☂︎"])
    assert.equal(visibleText(text), text);
  assert.equal(visibleText("a\u200db\ufe0f"), "a⟨U+200D⟩b⟨U+FE0F⟩");
  assert.equal(visibleText("é\u200d\u200d\u200d"), "é\u200d⟨U+200D⟩⟨U+200D⟩");
});

test("a text in pieces is shown as it is whole", () => {
  fc.assert(
    fc.property(anyText, fc.nat(20), (text, at) => {
      const [before, after] = [text.slice(0, at), text.slice(at)];
      if (/[\ud800-\udbff]$/.test(before)) return;
      assert.equal(visibleText(before) + visibleText(after, before), visibleText(text));
    }),
  );
});

test("JSON says the same, without any such character", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const json = jsonForTerminal({ [text]: [text, 1, null] });
      assertHarmless(json);
      assert.deepEqual(JSON.parse(json), { [text]: [text, 1, null] });
    }),
  );
});

test("a cell of a table is one cell, and no formula", () => {
  for (const [value, cell] of [
    ["=1+1", "'=1+1"],
    ["＝1", "'＝1"],
    ["+a", "'+a"],
    ["-a", "'-a"],
    ["@a", "'@a"],
    ["\ta", '"\'\ta"'],
    ["\r=a", "\"'\r'=a\""],
    ["a;=1", '"a;\'=1"'],
    ["a\n=1", '"a\n\'=1"'],
    ['a "b", c', '"a ""b"", c"'],
    ["a=1", "a=1"],
    [-1.5, "-1.5"],
    [NaN, ""],
  ] satisfies [string | number, string][])
    assert.equal(csvCell(value), cell);
  fc.assert(
    fc.property(fc.array(anyText, { minLength: 2, maxLength: 4 }), (texts) => {
      const [row, ...more] = csvParseRows(texts.map(csvCell).join(","));
      assert.equal(more.length, 0);
      assert.equal(row.length, texts.length);
      for (const cell of row) assert.doesNotMatch(cell, /^[=+\-@\t\r\n]|[;\t\r\n][=+\-@]/);
    }),
  );
});

test("HTML takes it as text, in an element and in an attribute", () => {
  assert.equal(forHtml(`<a b="c" d='e'>&`), "&#60;a b=&#34;c&#34; d=&#39;e&#39;&#62;&#38;");
});
