/** Bad input, really given to the CLI: one sentence that says what to do, the right code, and no hang. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { GraphBuilder } from "../../src/onnx/graph/graphBuilder";
import { bundle } from "../support/bundle";
import { byteTokenizer } from "../support/engine/textModels";

const script = path.resolve("dist/cli.js");
const plainModel = path.resolve("test/fixtures/exports/optimum-qwen2");
const modelWithWeightsFile = path.resolve("test/fixtures/exports/genai-qwen2tied-int4-cpu");
const onCpu = ["--device", "cpu", "--max-tokens", "8"];

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "rkv-bad-"));
});
after(() => rm(folder, { recursive: true }));

interface Ended {
  code: number | string | undefined;
  out: string;
  err: string;
}

function ended(program: string, args: string[]): Promise<Ended> {
  // A limit on hangs: machines that run tests are busy ones.
  const options = { cwd: folder, timeout: 120_000, maxBuffer: 2 ** 26 };
  return new Promise((resolve) =>
    execFile(program, args, options, (error, out, err) =>
      resolve({ code: error ? (error.code ?? "killed") : 0, out, err }),
    ),
  );
}

const cli = (...args: string[]): Promise<Ended> => ended(process.execPath, [script, ...args]);

/** A model in a folder of its own, with these files beside it. */
async function modelWith(name: string, files: Record<string, string | Uint8Array | object>) {
  const model = path.join(folder, name);
  await cp(plainModel, model, { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    const isBytes = typeof content === "string" || content instanceof Uint8Array;
    await writeFile(path.join(model, file), isBytes ? content : JSON.stringify(content));
  }
  return model;
}

async function idsFile(count: number): Promise<string> {
  const file = path.join(folder, `${count}.json`);
  await writeFile(file, JSON.stringify(Array.from({ length: count }, (_, i) => i % 500)));
  return file;
}

function assertRefused({ code, out, err }: Ended, expected: number, message: RegExp): void {
  assert.match(err, message);
  assert.equal(code, expected);
  assert.equal(out, "");
  const progress = /^loading the model| on CPU$/;
  const sentences = err.split("\n").filter((line) => line !== "" && !progress.test(line));
  assert.equal(sentences.length, 1, err);
  assert.match(sentences[0], /[:;,] .+\.$/, "says what to do next");
}

describe("the command line says in a sentence what is wrong with", { concurrency: 2 }, () => {
  test("a folder that is not there", async () => {
    assertRefused(await cli("run", "Hi", "--model", "none"), 64, /There is no folder .*none/);
  });

  test("a folder without a model, run and checked", async () => {
    await mkdir(path.join(folder, "empty"));
    assertRefused(await cli("run", "Hi", "--model", "empty"), 2, /has no \.onnx file/);
    const { code, out } = await cli("check", "empty", "--json");
    assert.equal(code, 2);
    assert.match((JSON.parse(out) as { reason: string }).reason, /has no \.onnx file/);
  });

  test("weights that were not downloaded whole", async () => {
    const model = path.join(folder, "cut");
    await cp(modelWithWeightsFile, model, { recursive: true });
    await truncate(path.join(model, "model.onnx.data"), 1000);
    const result = await cli("run", "Hi", "--model", model);
    assertRefused(result, 2, /“model\.onnx\.data” ends at 1000 bytes.*: download it again\.$/m);
  });

  test("one of several models in a folder is named by its file", async () => {
    const model = await modelWith("several", {});
    for (const name of ["a", "b"])
      await cp(path.join(model, "model.onnx"), path.join(model, `${name}.onnx`));
    await rm(path.join(model, "model.onnx"));
    const run = ["run", "--prompt-ids", await idsFile(5), ...onCpu, "--json", "--model"];
    assertRefused(await cli(...run, model), 2, /several .onnx files .*: name the one to load/);
    const { code, err } = await cli(...run, path.join(model, "b.onnx"));
    assert.equal(code, 0, err);
  });

  test("a graph that nothing can be evicted from", async () => {
    const g = new GraphBuilder();
    g.input("input_ids", "int64", ["batch", "sequence"]);
    const paged = g.node("PagedAttention", ["input_ids"], {}, { domain: "com.microsoft" });
    g.output(paged, "logits", "float32", ["batch", "sequence", 8]);
    const model = await modelWith("paged", { "model.onnx": g.build() });
    assertRefused(await cli("run", "Hi", "--model", model), 2, /Node “.+” \(PagedAttention\)/);
  });

  test("a chat template that never ends", async () => {
    const loop = "{% for i in range(9999) %}";
    const model = await modelWith("template", {
      "tokenizer.json": byteTokenizer(),
      "chat_template.jinja": loop.repeat(4) + "{% endfor %}".repeat(4),
    });
    const result = await cli("run", "Hi", "--model", model, ...onCpu);
    assertRefused(result, 1, /template.* took longer than 2\.\d s and was stopped: get /);
  });

  test("a tokenizer's pattern that never ends", async () => {
    const model = await modelWith("pattern", {
      "tokenizer.json": byteTokenizer("(a+)+$"),
      "chat_template.jinja": "{{ messages[0].content }}",
    });
    const result = await cli("run", `${"a".repeat(60)}!`, "--model", model, ...onCpu);
    assertRefused(result, 1, / took longer than 2\.\d s and was stopped: get /);
  });

  test("no chat template: the words as they are, and a notice", async () => {
    const model = await modelWith("plain", { "tokenizer.json": byteTokenizer() });
    const { code, out, err } = await cli("run", "Hi", "--model", model, "--json", ...onCpu);
    assert.equal(code, 0, err);
    assert.equal((JSON.parse(out) as { promptTokens: number }).promptTokens, 2);
    assert.match(err, /^plain has no chat template, .*: put .*\.$/m);
  });

  for (const budget of ["0", "-5", "1e12", "1.5", "0%", "101%", "plenty", ""])
    test(`the budget “${budget}”`, async () => {
      const result = await cli("run", "Hi", `--budget=${budget}`);
      assertRefused(result, 64, /The budget “.*” is not one: give a whole number/);
    });

  test("a budget smaller than the window", async () => {
    const result = await cli("run", "Hi", "--budget", "20", "--window", "32");
    assertRefused(result, 64, /--budget 20 has no room for the window of 32.*: give at least 32/);
  });

  test("a prompt longer than the context, and one of another model's ids", async () => {
    const run = ["run", "--model", plainModel, ...onCpu, "--prompt-ids"];
    const long = await cli(...run, await idsFile(600));
    assertRefused(long, 1, /takes 600 tokens, and this model reads 512 at most/);
    const strange = path.join(folder, "strange.json");
    await writeFile(strange, "[5, 512]");
    assertRefused(await cli(...run, strange), 1, /token id 512, but .* from 0 to 511/);
  });

  test("a disk that takes no more: the answer is whole, the trace readable as far as it goes", async (t) => {
    if (process.platform === "win32") return t.skip("a limit on file sizes stands for the disk");
    const args = ["run", "--model", plainModel, "--device", "cpu", "--max-tokens", "200", "--json"];
    const ids = ["--prompt-ids", await idsFile(50), "--trace", "full.rkvtrace"];
    const limited = `ulimit -f 16; export XDG_CACHE_HOME="${folder}"; exec "$0" "$@"`;
    const { code, out, err } = await ended("/bin/sh", [
      ...["-c", limited, process.execPath, script, ...args, ...ids],
    ]);
    assert.equal(code, 74, err);
    const result = JSON.parse(out) as { tokens: number; traceError: string };
    assert.equal(result.tokens, 200);
    assert.match(
      result.traceError,
      /^The trace .*full\.rkvtrace cannot be written \(EFBIG.*: free /,
    );
    assert.ok(err.includes(result.traceError));
    const trace = await cli("trace", "full.rkvtrace", "--json");
    assert.equal(trace.code, 0, trace.err);
  });

  test("Ctrl-C while the model loads", async () => {
    // Beside an engine whose load never ends, so that the signal cannot come too late.
    const [program, model] = ["program", "hang-on-load"].map((name) => path.join(folder, name));
    await mkdir(model);
    await cp(script, path.join(program, "cli.js"));
    await cp(bundle("test/support/fakeEngine.ts"), path.join(program, "engine.js"));
    const args = [path.join(program, "cli.js"), "run", "Hi", "--model", model];
    const child = spawn(process.execPath, args, { cwd: folder });
    let err = "";
    child.stderr.on("data", (data: Buffer) => {
      if (err === "") child.kill("SIGINT");
      err += data.toString();
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    assert.equal(code, 130);
    assert.match(err, /^loading the model[^]*\n\nStopped\.\n$/);
  });
});
