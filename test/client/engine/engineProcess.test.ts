import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { EngineEndedError } from "../../../src/client/engine/engineEnd";
import { engineEnvironment } from "../../../src/client/engine/engineEnvironment";
import { EngineProcess } from "../../../src/client/engine/engineProcess";
import { abandonEngine } from "../../support/abandonedEngine";
import { ask } from "../../support/ask";
import { bundle } from "../../support/bundle";
import { goneAfter } from "../../support/processes";

const script = bundle("test/support/fakeEngine.ts");
const engines: EngineProcess[] = [];
after(() => Promise.all(engines.map((engine) => engine.dispose())));

function start(): EngineProcess {
  const engine = new EngineProcess({ script });
  engines.push(engine);
  return engine;
}

test("a request gets its result, and events come in order before it", async () => {
  const engine = start();
  const heard: string[] = [];
  engine.subscribe({ text: (event) => heard.push(event.text) });
  const end = await engine.request("generate", ask("one two three four"));
  assert.deepEqual(heard, ["one ", "two ", "three ", "four "]);
  assert.equal(end.chains[0]?.text, heard.join(""));
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
  t.mock.timers.tick(30_000);
  t.mock.timers.tick(5_000);
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
    t.mock.timers.tick(160_001);
    t.mock.timers.tick(5_000);
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
