/** What is found in folders as exporters and the Hugging Face cache lay them out. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { contextLengthOf } from "../../../src/client/models/modelFacts";
import { ModelFolderError, openModelFolder } from "../../../src/engine/model/modelFolder";
import { defaultSamplingSettings, settleSampling } from "../../../src/shared/settings/settings";
import { openTextFiles } from "../../support/engine/textModels";

/** A folder with these files; objects are written as JSON. */
function folderWith(files: Record<string, object | string>): string {
  const folder = join(mkdtempSync(join(tmpdir(), "model-")), "tiny");
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    const text = typeof content === "string" ? content : JSON.stringify(content);
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

test("transformers.js: weights in onnx/, ids and length from the files beside it", async () => {
  const folder = folderWith({
    "config.json": { eos_token_id: 7, max_position_embeddings: 4096 },
    "generation_config.json": { eos_token_id: [9, 7] },
    "tokenizer.json": {},
    "tokenizer_config.json": {
      eos_token: { content: "</s>", lstrip: false },
      chat_template: "{{ messages }}",
    },
    "onnx/model.onnx": "",
    "onnx/model_q4.onnx": "",
    "onnx/model_fp16.onnx": "",
  });
  const model = await openModelFolder(folder);
  assert.equal(model.modelFile, join(folder, "onnx", "model_q4.onnx"), "4 bits come first");
  assert.deepEqual(model.endIds, [7, 9]);
  assert.equal(model.contextLength, 4096);
  assert.equal(model.name, "tiny");
  assert.equal(model.text?.eosToken, "</s>");
  assert.equal(model.text?.chatTemplate, "{{ messages }}");
});

test("a pipe in the place of any file is refused at once, and the host reads none", async (t) => {
  if (process.platform === "win32") return t.skip("Windows has no pipes among files");
  for (const name of ["config.json", "tokenizer.json", "chat_template.jinja", "rkv-lens.json"]) {
    const folder = folderWith({ "model.onnx": "", "tokenizer.json": {} });
    rmSync(join(folder, name), { force: true });
    execFileSync("mkfifo", [join(folder, name)]);
    await assert.rejects(openModelFolder(folder), /a pipe or a device where a file belongs: get/);
    assert.equal(await contextLengthOf(folder), undefined);
  }
  const cached = folderWith({ "snapshots/abc/model.onnx": "" });
  mkdirSync(join(cached, "refs"));
  execFileSync("mkfifo", [join(cached, "refs", "main")]);
  await assert.rejects(openModelFolder(cached), /refs.main is a folder, a pipe or a device/);
  await assert.rejects(
    openModelFolder(join(cached, "refs", "main")),
    /is (a pipe|not an .onnx file)/,
  );
});

test("the file itself can be named; in onnx/, its tokenizer is one folder up", async () => {
  const folder = folderWith({
    "onnx/model_q4.onnx": "",
    "onnx/model.onnx": "",
    "tokenizer.json": {},
  });
  const model = await openModelFolder(join(folder, "onnx", "model.onnx"));
  assert.equal(model.modelFile, join(folder, "onnx", "model.onnx"));
  assert.equal(model.text?.tokenizerFile, join(folder, "tokenizer.json"));
  assert.equal(model.name, "tiny");
});

test("onnxruntime-genai: genai_config.json names the decoder, the length and the end", async () => {
  const folder = folderWith({
    "genai_config.json": {
      model: { context_length: 512, eos_token_id: [2, 3], decoder: { filename: "phi.onnx" } },
    },
    "phi.onnx": "",
    "embedding.onnx": "",
  });
  const model = await openModelFolder(folder);
  assert.equal(basename(model.modelFile), "phi.onnx");
  assert.deepEqual([model.contextLength, model.endIds], [512, [2, 3]]);
  assert.equal(model.text, undefined, "without a tokenizer, token ids still work");
});

test("the Hugging Face cache: the main snapshot's links into blobs, and the model's real name", async () => {
  const cache = join(mkdtempSync(join(tmpdir(), "hub-")), "models--onnx-community--Tiny-R1");
  for (const folder of ["blobs", "refs", "snapshots/abc", "snapshots/def"])
    mkdirSync(join(cache, folder), { recursive: true });
  writeFileSync(join(cache, "refs", "main"), "def\n");
  for (const [name, content] of Object.entries({ "config.json": "{}", "model.onnx": "" })) {
    writeFileSync(join(cache, "blobs", name), content);
    symlinkSync(join("..", "..", "blobs", name), join(cache, "snapshots", "def", name));
  }
  const model = await openModelFolder(cache);
  assert.equal(model.name, "onnx-community/Tiny-R1");
  assert.equal(model.modelFile, join(cache, "snapshots", "def", "model.onnx"));
});

test("several chat templates: the default one; a file of its own comes before all", async () => {
  const several = {
    "model.onnx": "",
    "tokenizer.json": {},
    "tokenizer_config.json": {
      chat_template: [
        { name: "tool_use", template: "tools" },
        { name: "default", template: "chat" },
      ],
    },
  };
  assert.equal((await openModelFolder(folderWith(several))).text?.chatTemplate, "chat");
  const withFile = folderWith({ ...several, "chat_template.jinja": "file" });
  assert.equal((await openModelFolder(withFile)).text?.chatTemplate, "file");
});

test("a model that was made for a family of questions says so", async () => {
  const model = await openModelFolder(
    folderWith({ "model.onnx": "", "rkv-lens.json": { name: "Pocket", family: "word-problems" } }),
  );
  assert.deepEqual([model.name, model.family], ["Pocket", "word-problems"]);
  assert.equal(model.suggestedBudget, undefined);
});

test("a model suggests the budget that suits its chains, and one that is none is refused", async () => {
  const suggesting = (budget: unknown) =>
    openModelFolder(folderWith({ "model.onnx": "", "rkv-lens.json": { budget } }));
  assert.deepEqual((await suggesting("192")).suggestedBudget, { kind: "count", slots: 192 });
  assert.deepEqual((await suggesting("34%")).suggestedBudget, { kind: "share", percent: 34 });
  await assert.rejects(suggesting("plenty"), /rkv-lens\.json.*“budget”.*“plenty” is not one/);
  await assert.rejects(suggesting(192), /rkv-lens\.json.*“budget”/);
});

test("a model suggests how to sample it; what cannot be used of that counts as not said", async () => {
  const sampled = async (files: Record<string, object>) =>
    settleSampling(
      {},
      (await openModelFolder(folderWith({ "model.onnx": "", ...files }))).suggestedSampling,
    );
  const generation = (content: object) => sampled({ "generation_config.json": content });
  const said = { do_sample: true, temperature: 0.7, top_p: 0.8, top_k: 20, min_p: 0.1 };
  assert.deepEqual(await generation({ ...said, repetition_penalty: 1.1 }), {
    ...{ temperature: 0.7, topP: 0.8, topK: 20, minP: 0.1, repetitionPenalty: 1.1, seed: 0 },
  });
  assert.equal((await generation({ do_sample: false, temperature: 0.7 })).temperature, 0);
  assert.deepEqual(await generation({ eos_token_id: 2 }), defaultSamplingSettings);
  const absurd = { temperature: -1, top_p: 1.5, top_k: -1, min_p: null, repetition_penalty: "a" };
  assert.deepEqual(await generation({ ...absurd, do_sample: "yes" }), defaultSamplingSettings);
  const genai = (search: unknown) => sampled({ "genai_config.json": { ...genaiModel, search } });
  assert.equal((await genai({ do_sample: true, temperature: 0.3 })).temperature, 0.3);
  assert.deepEqual(await genai({ do_sample: false, top_k: 50 }), defaultSamplingSettings);
});

const genaiModel = { model: { decoder: { filename: "model.onnx" } } };

const refused: Record<string, [files: Record<string, object | string>, why: RegExp]> = {
  "no weights": [{ "config.json": {} }, /has no \.onnx file/],
  "several files with names of their own": [
    { "a.onnx": "", "b.onnx": "" },
    /several .*a\.onnx, b\.onnx.*name the one/,
  ],
  "a decoder that is missing": [
    { "genai_config.json": { model: { decoder: { filename: "../../etc/passwd" } } } },
    /which its genai_config\.json names/,
  ],
  "broken JSON": [{ "model.onnx": "", "config.json": "{" }, /config\.json is not valid JSON/],
  "an id that is none": [
    { "model.onnx": "", "generation_config.json": { eos_token_id: -1 } },
    /generation_config\.json has an unexpected value at “eos_token_id”/,
  ],
  "a template past 64 kB": [
    {
      "model.onnx": "",
      "tokenizer.json": {},
      "tokenizer_config.json": { chat_template: "x".repeat(70_000) },
    },
    /chat template .* larger than 64 kB/,
  ],
  "a config past 4 MB": [
    { "model.onnx": "", "config.json": " ".repeat((4 << 20) + 1) },
    /config\.json is 4 MB/,
  ],
};

for (const [name, [files, why]] of Object.entries(refused))
  test(`refused: ${name}`, async () => {
    const folder = folderWith(files);
    await assert.rejects(openModelFolder(folder), (error: Error) => {
      assert.ok(error instanceof ModelFolderError);
      assert.match(error.message, why);
      return true;
    });
  });

test("refused: nothing there, and a file that is no model", async () => {
  await assert.rejects(openModelFolder("/no/such/model"), /There is no .*: name the folder/);
  const folder = folderWith({ "notes.txt": "" });
  await assert.rejects(openModelFolder(join(folder, "notes.txt")), /is not an \.onnx file/);
});

test("refused: a link out of the folder, and its content is not quoted", async () => {
  const folder = folderWith({ "model.onnx": "", "tokenizer.json": {} });
  const secret = join(folderWith({ "secret.txt": "top secret" }), "secret.txt");
  symlinkSync(secret, join(folder, "chat_template.jinja"));
  await assert.rejects(openModelFolder(folder), (error: Error) => {
    assert.match(error.message, /points outside of the model's folder/);
    assert.ok(!error.message.includes("top secret"));
    return true;
  });
});

test("whatever stands in the JSON files ends in a model or in one message", async () => {
  const folder = folderWith({ "model.onnx": "", "tokenizer.json": {} });
  const files = [
    "config.json",
    "generation_config.json",
    "genai_config.json",
    "tokenizer_config.json",
    "rkv-lens.json",
  ];
  const keys = [
    "eos_token_id",
    "model",
    "decoder",
    "filename",
    "chat_template",
    "eos_token",
    "text_config",
    "name",
    "budget",
    "search",
    "do_sample",
    "temperature",
    "__proto__",
  ];
  const garbage = fc.letrec((tie) => ({
    value: fc.oneof(
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.double(),
      fc.array(tie("value"), { maxLength: 3 }),
      tie("object"),
    ),
    object: fc.dictionary(fc.constantFrom(...keys), tie("value"), { maxKeys: 4 }),
  }));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), garbage.value, async (file, content) => {
      writeFileSync(join(folder, file), JSON.stringify(content));
      await openModelFolder(folder).catch((error: unknown) =>
        assert.ok(error instanceof ModelFolderError),
      );
      writeFileSync(join(folder, file), "{}");
    }),
    { numRuns: 300 },
  );
});

const exportsFolder = join("test", "fixtures", "exports");

test("every real export opens, and its tokenizer encodes and decodes", async (t) => {
  const seen = new Set<string>();
  for (const name of readdirSync(exportsFolder)) {
    const model = await openModelFolder(join(exportsFolder, name));
    assert.deepEqual([model.name, model.endIds, model.contextLength], [name, [2], 512]);
    const kind = `${name.split("-")[0]}-${name.includes("qwen2")}`;
    if (seen.has(kind) || !model.text) continue;
    seen.add(kind);
    const text = openTextFiles(t, model.text);
    assert.deepEqual(await text.facts(), { vocabulary: 512, eosId: 2 });
    const tokens = await text.decode([5, 6, 2, 7]);
    assert.match(tokens.map((token) => token.text).join(""), /^t5 ?t6 ?t7$/);
  }
  assert.ok(seen.size > 0);
});
