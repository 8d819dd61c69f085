/** Hostile text in whatever the CLI prints of files and models: shown as marks, whatever the command. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { GraphBuilder } from "../../src/onnx/graph/graphBuilder";
import { assertHarmless, hostileText, traceOf } from "../support/hostileText";
import { byteTokenizer } from "../support/engine/textModels";

const script = path.resolve("dist/cli.js");
const plainModel = path.resolve("test/fixtures/exports/optimum-qwen2");
const onCpu = ["--device", "cpu", "--max-tokens", "200"];
/** As a name of files; it may not hold a slash. */
const name = hostileText;

let folder: string;
let trace: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "rkv-hostile-"));
  trace = path.join(folder, "hostile.rkvtrace");
  await writeFile(trace, traceOf(hostileText));
});
after(() => rm(folder, { recursive: true }));

interface Ended {
  code: unknown;
  out: string;
  err: string;
}

function cli(...args: string[]): Promise<Ended> {
  const options = { cwd: folder, timeout: 120_000, maxBuffer: 2 ** 26 };
  return new Promise((resolve) =>
    execFile(process.execPath, [script, ...args], options, (error, out, err) =>
      resolve({ code: error ? error.code : 0, out, err }),
    ),
  );
}

/** Harmless, and yet the hostile text was there: its escape is shown as a mark. */
function assertShown({ out, err }: Ended): void {
  assertHarmless(out);
  assertHarmless(err);
  assert.match(out + err, /⟨U\+001B⟩/);
}

async function modelWith(files: Record<string, string | Uint8Array | object>, as = "model") {
  const model = path.join(await mkdtemp(path.join(folder, "m-")), as);
  await cp(plainModel, model, { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    const isBytes = typeof content === "string" || content instanceof Uint8Array;
    await writeFile(path.join(model, file), isBytes ? content : JSON.stringify(content));
  }
  return model;
}

describe("no text of a stranger steers the terminal in", { concurrency: 2 }, () => {
  test("trace, in words and as CSV", async () => {
    assertShown(await cli("trace", trace));
    const { code, out, err } = await cli("trace", trace, "--csv");
    assert.equal(code, 0, err);
    assertHarmless(out.replaceAll("\nforged", ""));
    assert.match(out, /⟨U\+001B⟩/);
  });

  test("trace as JSON says exactly what the file says", async () => {
    const { out } = await cli("trace", trace, "--json");
    assertHarmless(out);
    const { header, stopReason } = JSON.parse(out) as {
      header: { model: string };
      stopReason: string;
    };
    assert.equal(header.model, hostileText);
    assert.equal(stopReason, hostileText);
  });

  test("replay", async () => {
    assertShown(await cli("replay", trace, "--device", "cpu"));
  });

  test("check, in words and as JSON", async () => {
    const g = new GraphBuilder();
    g.input("input_ids", "int64", ["batch", "sequence"]);
    const options = { domain: hostileText, output: hostileText };
    const paged = g.node(hostileText, ["input_ids"], {}, options);
    g.output(paged, hostileText, "float32", ["batch", "sequence", 8]);
    const model = await modelWith({ "model.onnx": g.build() });
    assertShown(await cli("check", model));
    const { out } = await cli("check", model, "--json");
    assertHarmless(out);
    assert.ok((JSON.parse(out) as { reason: string }).reason.includes("\u001b"));
  });

  test("run: what a template raises, and the name that a model gives itself", async () => {
    const model = await modelWith({
      "tokenizer.json": byteTokenizer(),
      "chat_template.jinja": `{{ raise_exception(${JSON.stringify(hostileText)}) }}`,
      "rkv-lens.json": { name: hostileText },
    });
    assertShown(await cli("run", "Hi", "--model", model, ...onCpu));
    assertShown(await cli("run", "Hi", "--model", model, ...onCpu, "--json"));
  });

  test("run: what the model itself says, in words and as JSON", async () => {
    const model = await modelWith({ "tokenizer.json": byteTokenizer() });
    const noise = ["--temperature", "5", "--top-p", "1", "--seed", "1", "--model", model, ...onCpu];
    const { out, err } = await cli("run", "Hi", "--chains", "2", ...noise);
    assertHarmless(out + err);
    assert.match(out, /⟨U\+00\w\w⟩/, "it says controls with this seed");
    const json = await cli("run", "Hi", ...noise, "--json");
    assertHarmless(json.out);
    assert.match((JSON.parse(json.out) as { text: string }).text, /(?!\n)\p{Cc}/u);
  });

  test("verify, of a case with such a name", async () => {
    const cases = path.join(folder, "cases");
    await mkdir(cases);
    await cp(
      path.resolve("test/fixtures/golden/case00.safetensors"),
      path.join(cases, `${name}.safetensors`),
    );
    assertShown(await cli("verify", cases, "--device", "cpu"));
  });

  test("names of files and folders, and words of the command line", async () => {
    await writeFile(path.join(folder, name), "no such thing");
    const mistakes = [
      [name],
      ["run", "Hi", `--${name}`],
      ["run", "Hi", "--policy", name],
      ["run", "Hi", "--budget", name],
      ["run", "Hi", "--model", `none${name}`],
      ["run", "--prompt-ids", name],
      ["run", "Hi", ...onCpu, "--trace", path.join("nowhere", name)],
      ["trace", name],
      ["trace", `none${name}`],
      ["trace", "synthesize", path.join("nowhere", name)],
      ["replay", name],
      ["serve", `none${name}`],
      ["eval", "--dataset", name],
      ["eval", "--problems", "1", "--out", path.join("nowhere", name)],
    ];
    for (const args of mistakes) {
      const ended = await cli(...args);
      assert.notEqual(ended.code, 0);
      if (args[1] === name && /^(trace|replay)$/.test(args[0])) assertHarmless(ended.err);
      else assertShown(ended);
    }
  });
});
