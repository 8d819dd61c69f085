import assert from "node:assert/strict";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ModelFolderError, openModelFolder } from "../../src/engine/model/modelFolder";
import { TextError, TextWorker } from "../../src/engine/text/textWorker";
import type { Random } from "../../src/shared/random";
import { byteTokenizer } from "../support/engine/textModels";
import type { Attack } from "./attack";

const configuration = {
  eos_token_id: [2, 7],
  max_position_embeddings: 512,
  model: { context_length: 512, decoder: { filename: "model.onnx" }, eos_token_id: 2 },
  search: { do_sample: true, top_k: 20, temperature: 0.5 },
  budget: "34%",
  bos_token: { content: "<s>" },
  chat_template: "{% for m in messages %}{{ m.role }}: {{ m.content }}{% endfor %}",
};
const mostMillis = 10_000;

/** Whole files that are damaged; each is read by another schema. */
const wholes: Record<string, string> = {
  "config.json": JSON.stringify(configuration),
  "generation_config.json": JSON.stringify({ ...configuration.search, eos_token_id: 2 }),
  "genai_config.json": JSON.stringify(configuration),
  "rkv-lens.json": JSON.stringify({ name: "Tiny", family: "word problems", budget: "34%" }),
  "tokenizer_config.json": JSON.stringify(configuration),
  "tokenizer.json": JSON.stringify(byteTokenizer()),
  "chat_template.jinja": configuration.chat_template,
};
const odd = [
  "null",
  "-1",
  "1e999",
  '"\\u0000"',
  "[]",
  "{}",
  "[[[[",
  "}",
  '"__proto__"',
  "9".repeat(400),
];
const spans = /"[^"]*"|-?\d+(\.\d+)?|true|false|null|[[\]{}:,%]/g;

/** One to four words of the text become others, or its end is lost. */
function damaged(text: string, chance: Random): string {
  const below = (limit: number) => Math.floor(chance.next() * limit);
  if (below(10) === 0) return text.slice(0, below(text.length));
  const words = [...text.matchAll(spans)];
  let result = text;
  for (let n = 0; n <= below(4); n++) {
    const { 0: word, index } = words[below(words.length)];
    if (result.slice(index, index + word.length) !== word) continue;
    const other = below(2) === 0 ? odd[below(odd.length)] : words[below(words.length)][0];
    result = result.slice(0, index) + other + result.slice(index + word.length);
  }
  return result;
}

/** Resolves to whether the folder could be used; rejects for what is no sentence. */
async function isUsable(folder: string): Promise<boolean> {
  let text: TextWorker | undefined;
  try {
    const opened = await openModelFolder(folder);
    text =
      opened.text && new TextWorker(opened.text, undefined, path.resolve("dist/textWorker.js"));
    await text?.prompt([{ role: "user", content: "Hello" }]);
    return true;
  } catch (error) {
    assert.ok(error instanceof ModelFolderError || error instanceof TextError, String(error));
    return false;
  } finally {
    await text?.close();
  }
}

export const garbageFiles: Attack = {
  id: "T3",
  what: "damaged configurations, tokenizers and chat templates",
  goal: "each ends in a default or in one sentence, none beyond 10 s of waiting",
  short: 100,
  long: 10_000,
  run: async (times, chance, tell) => {
    const folder = await mkdtemp(path.join(tmpdir(), "rkv-lens-garbage-"));
    const names = Object.keys(wholes);
    let [refused, slowest] = [0, 0];
    try {
      await cp("test/fixtures/exports/optimum-qwen2/model.onnx", path.join(folder, "model.onnx"));
      for (const name of names) await writeFile(path.join(folder, name), wholes[name]);
      for (let n = 0; n < times; n++) {
        const name = names[n % names.length];
        await writeFile(path.join(folder, name), damaged(wholes[name], chance));
        const began = performance.now();
        if (!(await isUsable(folder))) refused++;
        slowest = Math.max(slowest, performance.now() - began);
        assert.ok(slowest < mostMillis, `${name} took ${slowest} ms`);
        await writeFile(path.join(folder, name), wholes[name]);
        if (n % 1000 === 999) tell(`${n + 1} tried`);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
    return `${times} tried, ${refused} refused, slowest ${(slowest / 1000).toFixed(1)} s`;
  },
};
