import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, type TestContext, test } from "node:test";
import { EngineEndedError } from "../../../src/client/engine/engineEnd";
import { engineEnvironment } from "../../../src/client/engine/engineEnvironment";
import { EngineProcess } from "../../../src/client/engine/engineProcess";
import { abandonEngine } from "../../support/abandonedEngine";
import { ask } from "../../support/ask";
import { bundle } from "../../support/bundle";
import { goneAfter } from "../../support/processes";
import { within } from "../../support/within";

const script = bundle("test/support/fakeEngine.ts");
const skip = process.platform === "win32" ? "Windows suspends no process by a signal" : false;
const engines: EngineProcess[] = [];
after(() => Promise.all(engines.map((engine) => engine.dispose())));

function start(): EngineProcess {
  const engine = new EngineProcess({ script });
  engines.push(engine);
  return engine;
}

/** Second by second, so that what is due early is done early. */
function pass(t: TestContext, seconds: number): void {
  for (let second = 0; second < seconds; second++) t.mock.timers.tick(1_000);
}

test("a request gets its result, and events come in order before it", async () => {
  const engine = start();
  const heard: string[] = [];
  engine.subscribe({ text: (event) => heard.push(event.text) });
  const end = await engine.request("generate", ask("one two three four"));
  assert.deepEqual(heard, ["one ", "two ", "three ", "four "]);
  assert.equal(end.chains[0]?.text, heard.join(""));
});

test("each kind of event comes to those who listen, until they no longer do", async () => {
  const engine = start();
  const heard: string[] = [];
  const unsubscribe = engine.subscribe({
    loading: ({ stage }) => heard.push(stage),
    prefill: () => heard.push("prefill"),
    text: () => heard.push("text"),
    figures: () => heard.push("figures"),
  });
  await engine.request("load", { folder: "/good", device: "cpu" });
  await engine.request("generate", ask("word"));
  const all = ["read", "rewrite", "session", "prefill", "text", "figures"];
  assert.deepEqual(heard, all);
  unsubscribe();
  await engine.request("generate", ask("word"));
  assert.deepEqual(heard, all);
});

test("a question that was stopped before is not asked, and one that is stopped ends with what it has", async () => {
  const engine = start();
  const stopped = AbortSignal.abort(new Error("stopped"));
  await assert.rejects(engine.generate(ask("never"), stopped), /^Error: stopped$/);
  const stopping = new AbortController();
  engine.subscribe({ text: () => stopping.abort() });
  const question = "slow ".repeat(50).trim();
  const { chains } = await engine.generate(ask(question), stopping.signal);
  assert.equal(chains[0]?.stopReason, "cancelled");
  assert.ok(question.startsWith(chains[0].text) && chains[0].text !== "", chains[0].text);
  assert.equal(getEventListeners(stopping.signal, "abort").length, 0);
});

test("a run that does not let go of itself is ended with its engine after ten seconds", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const engine = start();
  const heard = new Promise((resolve) => engine.subscribe({ text: resolve }));
  const run = engine.request("generate", ask("one hang"));
  const rejected = assert.rejects(
    run,
    /The engine was stopped because it did not stop within 10 s/,
  );
  await heard;
  const cancelled = engine.cancel("run", run);
  pass(t, 10);
  await within(30_000, "the end of a cancel", cancelled);
  await rejected;
});

test(
  "an engine that stands still as a whole is ended for it, and that is known",
  { skip },
  async (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const engine = start();
    await engine.request("load", { folder: "/good", device: "cpu" });
    process.kill(engine.pid ?? 0, "SIGSTOP");
    await new Promise(setImmediate); // What it had beaten before.
    pass(t, 7);
    const { isSuspended, because } = await within(30_000, "its end", engine.ended);
    assert.equal(isSuspended, true);
    assert.match(because ?? "", /^because nothing in it ran for 7 s; ask again/);
  },
);

test("what an engine writes comes to the log, and of two reasons for its end the first is told", async () => {
  const log: string[] = [];
  const engine = new EngineProcess({ script, log: (text) => log.push(text) });
  await assert.rejects(engine.request("generate", ask("print crash")), EngineEndedError);
  assert.match(log.join(""), /printed/);
  assert.match(log.join(""), /bad_alloc/);

  const other = start();
  assert.equal(other.isDisposed, false);
  const owed = assert.rejects(
    other.request("generate", ask("hang")),
    /^EngineEndedError: The engine was stopped as you asked\.$/,
  );
  other.kill("as you asked");
  await other.dispose();
  await owed;
  assert.equal(other.isDisposed, true);
  assert.equal((await other.ended).isSuspended, false);
});

test("a process that cannot begin ends with its reason", async () => {
  const engine = new EngineProcess({ script: "/nowhere/engine.js" });
  await assert.rejects(engine.request("cancel", { run: "r" }), EngineEndedError);
  const { code, lastWords } = await engine.ended;
  assert.equal(code, 1);
  assert.match(lastWords, /Cannot find module '\/nowhere\/engine\.js'/);
});

test("a refusal comes as an error with the engine's words, and the engine lives on", async () => {
  const engine = start();
  await assert.rejects(
    engine.request("load", { folder: "/refuse-on-load", device: "cpu" }),
    /^Error: Node “attn_3” is not understood: use another export of this model\.$/,
  );
  assert.equal((await engine.request("load", { folder: "/good", device: "cpu" })).name, "good");
});

test("all that a crashed engine still owed ends with how it ended and its last words", async () => {
  const engine = start();
  const owed = [
    engine.request("generate", ask("one crash")),
    engine.request("load", { folder: "/slow", device: "cpu" }),
  ];
  for (const request of owed)
    await assert.rejects(request, (error) => {
      assert.ok(error instanceof EngineEndedError);
      assert.equal(error.end.signal, "SIGSEGV");
      assert.match(error.message, /SIGSEGV.*bad_alloc/);
      return true;
    });
  await assert.rejects(engine.request("cancel", { run: "r" }), EngineEndedError);
});

test("cancelling lets the run end with what it has", async () => {
  const engine = start();
  const run = engine.request("generate", ask("slow ".repeat(100).trim()));
  await engine.cancel("run", run);
  const end = await run;
  assert.equal(end.chains[0]?.stopReason, "cancelled");
});

test("an engine that hangs is killed for it once its time and a second wait are over", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const engine = start();
  const heard = new Promise((resolve) => engine.subscribe({ text: resolve }));
  const run = engine.request("generate", ask("one hang"));
  const rejected = assert.rejects(run, /“generate” made no progress for 35 s/);
  await heard;
  pass(t, 35);
  await rejected;
});

test("a load gets longer for larger weights, in onnx/ and beside a model named by its file", async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), "hang-on-load-"));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(path.join(folder, "onnx"));
  const named = path.join(folder, "onnx", "model.onnx");
  await writeFile(named, "");
  await truncate(named, 5e9);
  for (const model of [folder, named]) {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    const engine = start();
    const heard = new Promise<void>((resolve) =>
      engine.subscribe({ loading: ({ stage }) => stage === "session" && resolve() }),
    );
    const load = engine.request("load", { folder: model, device: "cpu" });
    const rejected = assert.rejects(load, /“load” made no progress for 165 s/);
    await heard;
    pass(t, 160);
    t.mock.timers.tick(1); // The folder itself has a few bytes.
    pass(t, 5);
    await rejected;
    t.mock.timers.reset();
  }
});

test("an engine dies with its parent, even while it hangs", async () => {
  const { host, engine } = await abandonEngine(script, "/models/hang-on-load");
  host.kill("SIGKILL");
  await goneAfter(engine, 5_000);
});

test("the engine sees its graphics driver's variables and nobody's tokens", () => {
  const seen = engineEnvironment({
    PATH: "/bin",
    VK_ICD_FILENAMES: "/icd.json",
    LD_LIBRARY_PATH: "/lib",
    HF_TOKEN: "secret",
    GITHUB_TOKEN: "secret",
    ORT_LOAD_CONFIG_FROM_MODEL: "1",
    NODE_OPTIONS: "--require evil",
  });
  assert.deepEqual(Object.keys(seen).sort(), [
    "ELECTRON_RUN_AS_NODE",
    "LD_LIBRARY_PATH",
    "ORT_DISABLE_TELEMETRY",
    "ORT_RUNNING_UNIT_TESTS",
    "PATH",
    "VK_ICD_FILENAMES",
  ]);
});
