/** Chat templates and tokenizers that never end, or eat all memory: each is stopped, each says so. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TextError } from "../../../src/engine/text/textWorker";
import { byteTokenizer, openText } from "../../support/engine/textModels";

const repeat = (times: number, head: string, body: string, tail: string) =>
  head.repeat(times) + body + tail.repeat(times);
const loop = "{% for i in range(9999) %}";
const doubling = (times: number, then: string) =>
  `{% set n = namespace(s='aaaaaaaa') %}{% for i in range(${times}) %}{% set n.s = n.s + n.s %}{% endfor %}${then}`;

const templateBombs: Record<string, string> = {
  "a range of a thousand million": "{% for i in range(1000000000) %}{% endfor %}",
  "a range that is only measured": "{{ range(1000000000) | length }}",
  "a descending range": "{% for i in range(1000000000, 0, -1) %}{% endfor %}",
  "a range with a tiny step": "{{ range(0, 1, 0.0000000001) | length }}",
  "two nested loops": repeat(2, loop, "x", "{% endfor %}"),
  "three nested loops": repeat(3, loop, "", "{% endfor %}"),
  "ten nested loops": repeat(10, loop, "", "{% endfor %}"),
  "loops over the same list": repeat(
    12,
    "{% for m in [1,2,3,4,5,6,7,8,9,0] %}",
    "x",
    "{% endfor %}",
  ),
  "loops over a text":
    "{% set t = 'a' * 1 %}" + repeat(9, "{% for c in 'abcdefghijklmnop' %}", "x", "{% endfor %}"),
  "a loop with a filter": `{% for i in range(99999999) if i > 0 %}{% endfor %}`,
  "a macro that calls itself": "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}",
  "two macros that call each other":
    "{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}{{ f() }}",
  "a macro that calls itself twice":
    "{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
  "Fibonacci by macro":
    "{% macro f(n) %}{% if n > 1 %}{{ f(n - 1) }}{{ f(n - 2) }}{% else %}x{% endif %}{% endmacro %}{{ f(50) }}",
  "two million letters": "{% for i in range(20000) %}" + "x".repeat(100) + "{% endfor %}",
  "letters until memory ends": loop + loop + "x".repeat(1000) + "{% endfor %}{% endfor %}",
  "a text doubled 22 times": doubling(22, "{{ n.s }}"),
  "a text doubled 26 times, in capitals": doubling(26, "{{ n.s | upper }}"),
  "a text doubled 26 times, replaced": doubling(26, "{{ n.s | replace('a', 'bbbb') }}"),
  "a text doubled 60 times": doubling(60, "{{ n.s }}"),
  "a text doubled 25 times, in pieces": doubling(25, "{{ n.s.split('a') | length }}"),
  "a list doubled":
    "{% set n = namespace(l=[1,2,3,4]) %}{% for i in range(40) %}{% set n.l = n.l + n.l %}{% endfor %}{{ n.l | length }}",
  "a list in itself":
    "{% set n = namespace(l=[]) %}{% for i in range(60) %}{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l | tojson }}",
  "twenty thousand brackets": "{{ " + repeat(20_000, "(", "1", ")") + " }}",
  "twenty thousand lists": "{{ " + repeat(20_000, "[", "1", "]") + " }}",
  "twenty thousand negations": "{{ " + "not ".repeat(12_000) + "true }}",
  "an unfinished tag": "{% for i in range(9) %}",
  "an unknown filter": "{{ 'a' | explode }}",
  "a sort of ten million": "{{ range(10000000) | sort | length }}",
  "tojson of a long range": "{{ range(30000000) | tojson }}",
  "a join of a long range": "{{ range(30000000) | join('') | length }}",
  "the template's own objection": "{{ raise_exception('Roles must alternate') }}",
};

const patternBombs: Record<string, [pattern: string, text: string]> = {
  "(a+)+$": ["(a+)+$", "a".repeat(40) + "!"],
  "(a|aa)+$": ["(a|aa)+$", "a".repeat(60) + "!"],
  "(a|a)*b": ["(a|a)*b", "a".repeat(40)],
  "(.*)*x": ["(.*)*x", "y".repeat(40)],
  "(\\w+\\s?)*$": ["^(\\w+\\s?)*$", "a".repeat(40) + "!"],
  "([a-z]+)*\\d": ["([a-z]+)*\\d", "a".repeat(40)],
};

/** Each step of a normalizer makes a text longer, and 40 of them would make it fill the machine. */
const growing = (pattern: object, content: string) => ({
  type: "Sequence",
  normalizers: Array.from({ length: 40 }, () => ({ type: "Replace", pattern, content })),
});
const normalizerBombs: Record<string, object> = {
  "every letter doubled": growing({ String: "a" }, "aa"),
  "every character by a pattern": growing({ Regex: "." }, "aaaa"),
};

/** Small enough to be read, and vast once they are. */
const vastFiles: Record<string, [filling: () => string, expected: RegExp]> = {
  "nested thirty million deep": [
    () => repeat(30_000_000, "[", "", "]"),
    /nested more than 64 deep/,
  ],
  "twenty million lists": [() => `[${"[],".repeat(20_000_000)}0]`, /more than 2097152 lists/],
};

const hello = [{ role: "user" as const, content: "Hello" }];

// Most of a bomb's time is waiting: for its Worker to start, and for its limit.
const two = { concurrency: 2 };
const millis = 100;

describe("template bombs", two, () => {
  for (const [name, chatTemplate] of Object.entries(templateBombs))
    test(name, async (t) => {
      const text = openText(t, byteTokenizer(), { chatTemplate }, { millis, megabytes: 64 });
      await assert.rejects(text.prompt(hello), TextError);
    });
});

describe("tokenizer bombs", two, () => {
  for (const [name, [pattern, said]] of Object.entries(patternBombs))
    test(name, async (t) => {
      const text = openText(t, byteTokenizer(pattern), {}, { millis });
      await assert.rejects(text.encode(said), /took longer than 0\.1 s and was stopped/);
    });
});

describe("normalizer bombs", two, () => {
  for (const [name, normalizer] of Object.entries(normalizerBombs))
    test(name, async (t) => {
      const text = openText(t, { ...byteTokenizer(), normalizer }, {}, { millis: 10_000 });
      await assert.rejects(text.encode("aaaa"), /a text grew too long for a replacement/);
    });
});

describe("tokenizers that are vast once read", () => {
  for (const [name, [filling, expected]] of Object.entries(vastFiles))
    test(name, async (t) => {
      const tokenizer = JSON.stringify(byteTokenizer());
      const text = openText(t, tokenizer.replace('"normalizer":null', `"normalizer":${filling()}`));
      await assert.rejects(text.facts(), expected);
    });
});

test("after a bomb the next call gets a fresh Worker", async (t) => {
  const text = openText(t, byteTokenizer("(a+)+$"), {}, { millis: 2000 });
  const bomb = text.encode("a".repeat(40) + "!");
  const queued = text.encode("ok");
  await assert.rejects(bomb, TextError);
  assert.deepEqual(await queued, [111, 107]);
});

test("memory has a limit, too, and breaking it ends the Worker alone", async (t) => {
  const chatTemplate = templateBombs["a range of a thousand million"];
  const text = openText(t, byteTokenizer(), { chatTemplate }, { megabytes: 48 });
  await assert.rejects(text.prompt(hello), /needed more memory than it may have/);
});

test("a tokenizer nested a hundred thousand deep, or none at all, is refused", async (t) => {
  const deep = JSON.stringify(byteTokenizer()).replace(
    '"normalizer":null',
    `"normalizer":${repeat(100_000, "[", "", "]")}`,
  );
  for (const tokenizer of [deep, {}, { model: 1 }, { ...byteTokenizer(), added_tokens: null }])
    await assert.rejects(
      openText(t, tokenizer).facts(),
      /^TextError: Reading the model's tokenizer.json failed: /,
    );
});

test("what waits when the tokenizer is closed fails, and does not hang", async (t) => {
  const text = openText(t, byteTokenizer("(a+)+$"));
  await text.facts();
  const pending = assert.rejects(text.encode("a".repeat(40) + "!"), TextError);
  const queued = assert.rejects(text.encode("x"), TextError);
  setImmediate(() => void text.close());
  await Promise.all([pending, queued]);
  await assert.rejects(text.encode("x"), /was closed/);
});
