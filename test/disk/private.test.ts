/** What is stored is for this account's eyes alone. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, describe, test } from "node:test";
import { createBrowserChat } from "../../src/cli/serve/browserChat";
import { defaultStorage } from "../../src/cli/serve/serve";
import { FileLock } from "../../src/disk/fileLock";
import { bundle } from "../support/bundle";
import { within } from "../support/within";

const skip = process.platform === "win32" ? "Windows has no such modes" : false;

const root = mkdtempSync(path.join(tmpdir(), "rkv-lens-test-"));
after(() => rmSync(root, { recursive: true }));

/** Every file and folder in one, and whether other accounts are kept out of it. */
function assertPrivate(folder: string, atLeast: number): void {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const found = names.map((name) => {
    const stat = lstatSync(path.join(folder, name));
    return { name, open: (stat.mode & 0o077).toString(8), isFile: stat.isFile() };
  });
  assert.deepEqual(
    found.filter(({ open }) => open !== "0"),
    [],
  );
  const files = found.filter(({ isFile }) => isFile);
  assert.ok(files.length >= atLeast, `only ${files.length} files in ${names.join(", ")}`);
}

describe("files and folders of ours are closed to other accounts", { skip }, () => {
  test("after a run with a trace: graph cache, trace", () => {
    const home = path.join(root, "home");
    const traces = path.join(home, "traces");
    mkdirSync(traces, { recursive: true, mode: 0o700 });
    const args = ["dist/cli.js", "run", "How many?", "--device", "cpu", "--max-tokens", "4"];
    const { status, stderr } = spawnSync(
      process.execPath,
      [...args, "--trace", path.join(traces, "run.rkvtrace")],
      { env: { PATH: process.env.PATH, HOME: home }, encoding: "utf8" },
    );
    assert.equal(status, 0, stderr);
    assertPrivate(traces, 1);
    assertPrivate(path.join(home, ".cache", "rkv-lens"), 1);
  });

  test("after a chat over folders that an older version left open: conversations, choices", async () => {
    const storage = path.join(root, "storage");
    for (const name of ["conversations", "traces"]) {
      mkdirSync(path.join(storage, name), { recursive: true });
      chmodSync(path.join(storage, name), 0o755);
    }
    chmodSync(storage, 0o755);
    writeFileSync(path.join(storage, "choices.json"), "{", { mode: 0o600 });
    const { chat } = await createBrowserChat({
      engineScript: bundle("test/support/fakeEngine.ts"),
      bundledModel: "/models/fake",
      device: "cpu",
      storage,
      log: () => undefined,
    });
    chat.session.send("one two");
    await chat.host.configure({ pinPrompt: true });
    await chat.session.settled();
    chat.dispose();
    const lock = await FileLock.take(path.join(storage, "traces", `${randomUUID()}.rkvtrace`));
    assertPrivate(storage, 4);
    await lock?.release();
    assert.equal(lstatSync(storage).mode & 0o777, 0o755, "a folder that was named is left alone");
  });

  test("the usual storage, once the host has started", async () => {
    const home = path.join(root, "another home");
    const storage = defaultStorage({ XDG_DATA_HOME: home });
    mkdirSync(storage, { recursive: true });
    chmodSync(storage, 0o755);
    const host = spawn(process.execPath, ["dist/cli.js", "serve", "--no-open"], {
      env: { PATH: process.env.PATH, HOME: home, XDG_DATA_HOME: home },
      stdio: ["ignore", "pipe", "inherit"],
    });
    await within(60_000, "its address", once(createInterface(host.stdout), "line"));
    host.kill();
    await within(30_000, "the host's end", once(host, "exit"));
    assertPrivate(home, 0);
  });
});
