import assert from "node:assert/strict";
import { after, test } from "node:test";
import { EngineSupervisor, type ReadyModel } from "../../../src/client/engine/engineSupervisor";
import { ask } from "../../support/ask";
import { bundle } from "../../support/bundle";
import { within } from "../../support/within";

const script = bundle("test/support/fakeEngine.ts");
const supervisors: EngineSupervisor[] = [];
after(() => Promise.all(supervisors.map((supervisor) => supervisor.unload())));

const good = { folder: "/models/good", device: "cpu" } as const;
const pidOf = ({ engine }: ReadyModel): Promise<number | undefined> => Promise.resolve(engine.pid);
const say =
  (text: string) =>
  ({ engine }: ReadyModel) =>
    engine.request("generate", ask(text));

function supervise(idleMillis = 0): { supervisor: EngineSupervisor; notices: string[] } {
  const notices: string[] = [];
  const supervisor = new EngineSupervisor({
    script,
    idleMillis: () => idleMillis,
    onStatus: () => undefined,
    onNotice: (message) => notices.push(message),
  });
  supervisors.push(supervisor);
  return { supervisor, notices };
}

test("where no engine may start none does, and whoever asks is told why until one may", async () => {
  let reason: string | undefined = "This folder is not trusted.";
  const statuses: string[] = [];
  const supervisor = new EngineSupervisor({
    script,
    idleMillis: () => 0,
    whyNoEngine: () => reason,
    onStatus: ({ kind }) => statuses.push(kind),
    onNotice: () => undefined,
  });
  supervisors.push(supervisor);
  const { signal } = new AbortController();
  const asks = [
    () => supervisor.use(good, pidOf),
    () => supervisor.run(good, pidOf, { signal }),
    () => supervisor.useApart((engine) => Promise.resolve(engine.pid)),
  ];
  for (const asking of asks) await assert.rejects(asking, { message: reason });
  assert.deepEqual(statuses, []);
  reason = undefined;
  for (const asking of asks) assert.ok(Number(await asking()) > 0);
});

test("each step of a model's life is told: loading, ready, gone, failed", async () => {
  const told: string[] = [];
  const supervisor = new EngineSupervisor({
    script,
    idleMillis: () => 0,
    onStatus: (status) =>
      told.push(status.kind === "loading" ? `loading ${status.stage}` : status.kind),
    onNotice: () => undefined,
  });
  supervisors.push(supervisor);
  await supervisor.use(good, pidOf);
  const loading = ["start", "read", "rewrite", "session"].map((stage) => `loading ${stage}`);
  assert.deepEqual(told, [...loading, "ready"]);
  await supervisor.unload();
  await supervisor.unload();
  assert.deepEqual(told.splice(0), [...loading, "ready", "idle", "idle"]);
  const refused = { folder: "/models/refuse-on-load", device: "cpu" } as const;
  await assert.rejects(supervisor.use(refused, pidOf), /attn_3/);
  assert.deepEqual(told, [...loading, "failed"]);
  assert.ok(supervisor.status.kind === "failed");
  assert.equal(supervisor.status.folder, refused.folder);
  assert.match(supervisor.status.message, /attn_3/);
  assert.equal(supervisor.enginePid, undefined);
  assert.ok(await supervisor.use(good, pidOf), "a refusal says nothing against other models");
});

test("a window that closes takes the engine with it, at once", async () => {
  const { supervisor } = supervise();
  const engine = await supervisor.use(good, ({ engine }) => Promise.resolve(engine));
  supervisor.dispose();
  const { because } = await within(30_000, "the engine's end", engine.ended);
  assert.equal(because, "because the window closes");
});

test("the same model on another device is loaded anew", async () => {
  const { supervisor } = supervise();
  const first = await supervisor.use(good, pidOf);
  const other = { ...good, device: "webgpu" } as const;
  const deviceOf = ({ info }: ReadyModel) => Promise.resolve(info.device);
  assert.equal(await supervisor.use(other, deviceOf), "webgpu");
  assert.notEqual(await supervisor.use(other, pidOf), first);
});

test("a device chosen by itself gives way after one crash in a load too, until the person asks again", async () => {
  const { supervisor, notices } = supervise();
  const bad = { folder: "/models/crash-on-load", device: "auto" } as const;
  for (let load = 0; load < 2; load++) await assert.rejects(supervisor.use(bad, pidOf), /SIGSEGV/);
  assert.equal(notices.length, 1);
  await assert.rejects(supervisor.use(bad, pidOf), /not tried again by itself/);
  supervisor.allowAnotherTry();
  await assert.rejects(supervisor.use(bad, pidOf), /^EngineEndedError/);
  assert.equal(notices.length, 1);
  await assert.rejects(supervisor.use(bad, pidOf), /^EngineEndedError/);
  assert.equal(notices.length, 2);
});

test("four first requests at once load the model once", async () => {
  const { supervisor } = supervise();
  const pids = await Promise.all([1, 2, 3, 4].map(() => supervisor.use(good, pidOf)));
  assert.equal(new Set(pids).size, 1);
});

test("a run that is stopped while the model loads ends the load, unless another one waits for it", async () => {
  const slow = { folder: "/models/slow", device: "cpu" } as const;
  const { supervisor } = supervise();
  const runThatStops = async (): Promise<void> => {
    const stop = new AbortController();
    const run = supervisor.run(slow, pidOf, { signal: stop.signal });
    run.catch(() => undefined);
    while (supervisor.status.kind !== "loading") await new Promise(setImmediate);
    stop.abort(new Error("stopped"));
    await assert.rejects(run, /stopped/);
  };
  await runThatStops();
  assert.equal(supervisor.status.kind, "idle");

  const stopped = runThatStops();
  const { signal } = new AbortController();
  const waiting = supervisor.run(slow, pidOf, { signal });
  const loading = supervisor.use(slow, pidOf);
  await stopped;
  assert.equal(supervisor.status.kind, "loading");
  assert.equal(await waiting, await loading);
});

test("another model takes the place of the one before", async () => {
  const { supervisor } = supervise();
  const first = await supervisor.use(good, ({ engine }) => Promise.resolve(engine));
  const second = await supervisor.use({ ...good, folder: "/models/other" }, ({ info }) =>
    Promise.resolve(info.name),
  );
  assert.equal(second, "other");
  assert.equal((await first.ended).signal, "SIGKILL");
});

test("after a crash the next request is answered by a new process", async () => {
  const { supervisor } = supervise();
  const before = await supervisor.use(good, pidOf);
  await assert.rejects(supervisor.use(good, say("one crash")), /SIGSEGV/);
  assert.equal(supervisor.status.kind, "failed");
  assert.notEqual(await supervisor.use(good, pidOf), before);
});

test("the fifth crash within three minutes is the last until the person asks again", async () => {
  const { supervisor } = supervise();
  for (let crash = 0; crash < 5; crash++)
    await assert.rejects(supervisor.use(good, say("crash")), /SIGSEGV/);
  await assert.rejects(supervisor.use(good, say("hello")), /crashed 5 times/);
  supervisor.allowAnotherTry();
  assert.equal((await supervisor.use(good, say("hello"))).tokens, 1);
});

test("five crashes over a longer time stop nothing", async (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  const { supervisor } = supervise();
  for (let crash = 0; crash < 5; crash++) {
    await assert.rejects(supervisor.use(good, say("crash")), /SIGSEGV/);
    t.mock.timers.tick(60_000);
  }
  assert.equal((await supervisor.use(good, say("hello"))).tokens, 1);
});

test("a model that crashes the engine as it loads is not loaded twice on that device", async () => {
  const { supervisor } = supervise();
  const bad = { folder: "/models/crash-on-load", device: "webgpu" } as const;
  await assert.rejects(supervisor.use(bad, pidOf), /SIGSEGV/);
  await assert.rejects(supervisor.use(bad, pidOf), /not tried again by itself.*bad_alloc/);
});

test("a load that is killed from outside says nothing against the model: it is tried again", async () => {
  const { supervisor } = supervise();
  const slow = { folder: "/models/slow", device: "cpu" } as const;
  const load = supervisor.use(slow, pidOf);
  assert.ok(supervisor.enginePid);
  process.kill(supervisor.enginePid, "SIGKILL");
  await assert.rejects(load, /SIGKILL/);
  assert.ok(await supervisor.use(slow, pidOf));
});

test("a device that was chosen by itself gives way to the CPU, once and with a word", async () => {
  const { supervisor, notices } = supervise();
  const auto = { folder: "/models/good", device: "auto" } as const;
  for (let crash = 0; crash < 2; crash++)
    await assert.rejects(supervisor.use(auto, say("crash")), /SIGSEGV/);
  const device = await supervisor.use(auto, ({ info }) => Promise.resolve(info.device));
  assert.equal(device, "cpu");
  await supervisor.use(auto, pidOf);
  assert.equal(notices.length, 1);
});

test("an engine that exits in good order is no crash", async () => {
  const { supervisor } = supervise();
  for (let exit = 0; exit < 6; exit++)
    await assert.rejects(supervisor.use(good, say("exit")), /exit code 0/);
  assert.equal((await supervisor.use(good, say("hello"))).tokens, 1);
});

test("an unused model is unloaded after its idle time, a used one is not", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { supervisor } = supervise(50);
  const engineAfter = (millis: number) =>
    supervisor.use(good, ({ engine }) => {
      t.mock.timers.tick(millis);
      return Promise.resolve(engine);
    });
  const engine = await engineAfter(1_000);
  t.mock.timers.tick(49);
  assert.equal(await engineAfter(1_000), engine);
  t.mock.timers.tick(49);
  assert.equal(supervisor.status.kind, "ready");
  t.mock.timers.tick(1);
  await within(30_000, "the end of an idle engine", engine.ended);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(supervisor.status.kind, "idle");
});

test("a model is kept while anybody uses it, and for good where nobody set an idle time", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  for (const idleMillis of [50, 0]) {
    const { supervisor } = supervise(idleMillis);
    let leave = (): void => undefined;
    const long = supervisor.use(good, () => new Promise<void>((resolve) => (leave = resolve)));
    await supervisor.use(good, pidOf);
    t.mock.timers.tick(3_600_000);
    assert.equal(supervisor.status.kind, "ready");
    leave();
    await long;
    t.mock.timers.tick(49);
    assert.equal(supervisor.status.kind, "ready");
    t.mock.timers.tick(3_600_000);
    assert.equal(supervisor.enginePid === undefined, idleMillis > 0);
  }
});

test("killed fifty times at any moment, engines leave their host alive and able to answer", async () => {
  const killTenTimes = async (first: number): Promise<void> => {
    const { supervisor } = supervise();
    for (let kill = first; kill < first + 10; kill++) {
      supervisor.allowAnotherTry();
      const run = supervisor.use(good, say("slow ".repeat(50).trim()));
      const engine = await supervisor.use(good, ({ engine }) => Promise.resolve(engine));
      setTimeout(() => process.kill(engine.pid ?? 0, "SIGKILL"), (kill * 37) % 300);
      await assert.rejects(run, /SIGKILL/);
    }
    supervisor.allowAnotherTry();
    assert.equal((await supervisor.use(good, say("hello"))).tokens, 1);
  };
  await Promise.all([0, 10, 20, 30, 40].map(killTenTimes));
});
