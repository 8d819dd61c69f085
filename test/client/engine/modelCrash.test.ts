/** A model that ends the engine's process is named and remembered; what else ends it is not its fault. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { checkModel } from "../../../src/client/models/checkModel";
import { rememberCrash } from "../../../src/client/engine/crashRecords";
import {
  type EngineEnd,
  EngineEndedError,
  describeEnd,
} from "../../../src/client/engine/engineEnd";
import { EngineProcess } from "../../../src/client/engine/engineProcess";
import { overMemory } from "../../../src/shared/wire/overMemory";
import { bundle } from "../../support/bundle";

const script = bundle("test/support/fakeEngine.ts");
const sentence =
  /^The model file “model\.onnx” \(graph (ab){8}\) makes ONNX Runtime crash \(SIGSEGV\) on cpu, version 1\.30\.0: use .+\.$/;

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "rkv-lens-crash-"));
});
after(() => rm(folder, { recursive: true }));

async function withEngine<T>(work: (engine: EngineProcess) => Promise<T>): Promise<T> {
  const engine = new EngineProcess({ script });
  try {
    return await work(engine);
  } finally {
    await engine.dispose();
  }
}

const trial = {
  file: "m.onnx",
  hash: "0".repeat(64),
  device: "webgpu",
  runtime: "1.30.0",
} as const;
const trialEnd: EngineEnd = { code: null, signal: null, lastWords: "" };

test("a load in which the engine dies says which file did it, and keeps that", async () => {
  const model = path.join(folder, "tried-crash-on-load");
  await withEngine((engine) =>
    assert.rejects(engine.request("load", { folder: model, device: "cpu" }), (error) => {
      assert.ok(error instanceof EngineEndedError);
      assert.match(error.message, sentence);
      return true;
    }),
  );
  const record = path.join(model, "crashes", "record.json");
  const { did } = JSON.parse(await readFile(record, "utf8")) as { did: string };
  assert.equal(did, "crash (SIGSEGV)");
  if (process.platform !== "win32") assert.equal((await stat(record)).mode & 0o077, 0);
});

test("a check in which the engine dies is a report with a reason", async () => {
  const model = path.join(folder, "tried-crash-on-load-too");
  const report = await withEngine((engine) => checkModel(engine, { folder: model, device: "cpu" }));
  assert.equal(report.supported, false);
  assert.match(report.reason ?? "", sentence);
});

test("an abort is told, but not held against the model: memory may have been short", async () => {
  const record = path.join(folder, "aborted", "record.json");
  const end = { ...trialEnd, signal: "SIGABRT" as const, trial: { ...trial, record } };
  assert.equal(await rememberCrash(end), end);
  await assert.rejects(stat(record), /ENOENT/);
  await rememberCrash({ ...end, signal: "SIGSEGV" });
  assert.ok((await stat(record)).isFile());
});

test("once the model has passed its trial, a crash is no longer its doing", async () => {
  const model = path.join(folder, "tried-and-over-crash-on-load");
  const failing = withEngine((engine) => checkModel(engine, { folder: model, device: "cpu" }));
  await assert.rejects(failing, /^EngineEndedError: The engine process was ended by SIGSEGV/);
  await assert.rejects(readdir(path.join(model, "crashes")), /ENOENT/);
});

const ends: [what: string, end: Partial<EngineEnd>, expected: RegExp][] = [
  ["a signal", { signal: "SIGFPE" }, /“m\.onnx”.* crash \(SIGFPE\) on webgpu, .*: choose the CPU/],
  ["an abort", { signal: "SIGABRT" }, /“m\.onnx”.* abort, often for want of memory, on webgpu/],
  ["an exception on Windows", { code: 0xc0000005 }, /“m\.onnx”.* crash \(0xC0000005\)/],
  [
    "too much memory",
    { signal: "SIGKILL", lastWords: `x\n${overMemory(1300)}\n` },
    /take more than 1300 MB/,
  ],
  ["a kill from outside", { signal: "SIGKILL" }, /^The engine process was ended by SIGKILL/],
  ["an exit of its own", { code: 1 }, /^The engine process ended with exit code 1/],
  ["an end by this side", { signal: "SIGKILL", because: "as you asked" }, /stopped as you asked/],
];

for (const [what, end, expected] of ends)
  test(`in a trial, ${what} is called what it is`, () => {
    assert.match(describeEnd({ ...trialEnd, trial, ...end }), expected);
  });
