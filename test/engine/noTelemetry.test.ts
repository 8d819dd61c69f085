/** Nothing of a run or a check leaves the machine, nor stays on it beside what is ours. */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { Session } from "../../src/engine/runtime/runtime";
import { engineEnvironment } from "../../src/client/engine/engineEnvironment";

const cli = path.resolve("dist/cli.js");
const model = path.resolve("media/model");
const run = `run How-many? --budget 24 --temperature 1 --seed 1 --chains 4 --max-tokens 2000`;
const commands = {
  "a run of 2,000 tokens": [...run.split(" "), "--model", model],
  "a check": ["check", model],
};

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "rkv-lens-quiet-"));
});
after(() => rm(folder, { recursive: true }));

/** Runs the CLI where every place that a program may write to is empty; with the tracer before it. */
async function inEmptyHome(name: string, args: string[], tracer: string[] = []) {
  const places = ["home", "cache", "data", "config", "state", "runtime", "tmp", "work"];
  const [HOME, cache, data, config, state, runtime, TMPDIR, cwd] = places.map((place) =>
    path.join(folder, name, place),
  );
  for (const place of places) await mkdir(path.join(folder, name, place), { recursive: true });
  const env = {
    ...{ PATH: process.env.PATH, HOME, TMPDIR, XDG_CACHE_HOME: cache, XDG_DATA_HOME: data },
    ...{ XDG_CONFIG_HOME: config, XDG_STATE_HOME: state, XDG_RUNTIME_DIR: runtime },
    // What a person chose does not switch it on again.
    ORT_DISABLE_TELEMETRY: "0",
  };
  const [program, ...all] = [
    ...tracer,
    process.execPath,
    cli,
    ...args,
    "--device",
    "cpu",
    "--json",
  ];
  const { stdout } = await promisify(execFile)(program, all, { cwd, env, timeout: 120_000 });
  return { stdout, written: await filesIn(path.join(folder, name)) };
}

async function filesIn(place: string): Promise<string[]> {
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(place, path.join(entry.parentPath, entry.name)));
}

/** An address, a look-up, and the machine's id, read at once by what looks up its collector later. */
const foreign = /AF_INET|AF_NETLINK|nscd|resolv|machine-id/;

function whyNoTracer(): string | undefined {
  const tried = spawnSync("strace", ["-f", "-e", "trace=network,openat", "true"]);
  return tried.status === 0
    ? undefined
    : "strace, which sees addresses, is not here or may not trace";
}

describe("no telemetry", () => {
  for (const [name, args] of Object.entries(commands))
    test(`${name} writes nothing but ours`, async () => {
      const { stdout, written } = await inEmptyHome(name, args);
      const others = written.filter((file) => !file.startsWith(path.join("cache", "rkv-lens", "")));
      assert.deepEqual(others, []);
      const { tokens } = JSON.parse(stdout) as { tokens?: number };
      if (args[0] === "run") assert.ok(tokens !== undefined && tokens >= 2000, `${tokens} tokens`);
    });

  for (const [name, args] of Object.entries(commands))
    test(
      `${name} reads no machine's id, looks up no name and connects nowhere`,
      { skip: whyNoTracer() },
      async () => {
        const log = path.join(folder, `${args[0]}.strace`);
        const tracer = ["strace", "-f", "-qq", "-e", "trace=network,openat", "-o", log];
        await inEmptyHome(`${name} traced`, args, tracer);
        const calls = (await readFile(log, "utf8")).split("\n");
        assert.ok(
          calls.some((call) => call.includes("socketpair(AF_UNIX")),
          "the engine was traced",
        );
        assert.deepEqual(
          calls.filter((call) => foreign.test(call)),
          [],
        );
      },
    );

  test("it is off in every process that can load ONNX Runtime, and for the engine from its start", () => {
    assert.equal(typeof Session.create, "function");
    const expected = { ORT_DISABLE_TELEMETRY: "1", ORT_RUNNING_UNIT_TESTS: "1" };
    const set = Object.entries(process.env).filter(([name]) => name.startsWith("ORT_"));
    assert.deepEqual(Object.fromEntries(set), expected);
    const given = engineEnvironment({
      ORT_DISABLE_TELEMETRY: "0",
      ORT_LOAD_CONFIG_FROM_MODEL: "1",
    });
    assert.deepEqual(given, { ELECTRON_RUN_AS_NODE: "1", ...expected });
  });
});
