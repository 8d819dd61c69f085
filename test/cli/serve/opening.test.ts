/** How a person's own browser gets in: through a file whose path is all that others can see. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { cannotStartBrowser, startBrowser } from "../../support/browser";
import { until, within } from "../../support/within";

const skip = process.platform === "linux" ? false : "Linux opens pages by a command of a name";

describe("npm start", { skip, timeout: 120_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "rkv-lens-test-"));
  const opened = path.join(folder, "opened");
  const printed: string[] = [];
  let host: ChildProcess;

  before(async () => {
    const opener = path.join(folder, "xdg-open");
    writeFileSync(
      opener,
      `#!/bin/sh\necho "$@" > "${opened}.draft" && mv "${opened}.draft" "${opened}"\n`,
    );
    chmodSync(opener, 0o755);
    const args = ["dist/cli.js", "serve", "--storage", path.join(folder, "storage")];
    host = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
    });
    assert.ok(host.stdout);
    createInterface(host.stdout).on("line", (line) => printed.push(line));
    await until(() => existsSync(opened));
  });
  after(async () => {
    if (host.exitCode === null && host.kill()) await within(30_000, "its end", once(host, "exit"));
    rmSync(folder, { recursive: true });
  });

  const address = () => /is at (\S+)/.exec(printed.at(-1) ?? "")?.[1] ?? "";

  test("hands a private file to the browser, and its token to nobody", () => {
    const file = readFileSync(opened, "utf8").trim();
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(path.dirname(file)).mode & 0o777, 0o700);
    const token = /token=([\w-]{43})/.exec(readFileSync(file, "utf8"))?.[1];
    assert.ok(token);
    assert.ok(!address().includes(token), "the printed address has a token of its own");
    assert.ok(!readFileSync(`/proc/${host.pid}/cmdline`, "utf8").includes("token"));
  });

  test("prints an address that opens once, and a new one as soon as that is asked for again", async () => {
    const first = address();
    const guess = await fetch(new URL("/", first));
    assert.equal(guess.status, 401);
    assert.match(await guess.text(), /newest one that stands in the terminal/);
    assert.equal((await fetch(first)).status, 200);
    assert.equal(address(), first, "only what is spent is renewed");
    assert.equal((await fetch(first)).status, 401);
    await until(() => address() !== first);
    assert.equal((await fetch(address())).status, 200);
  });

  describe("in a browser", { skip: cannotStartBrowser() }, () => {
    let browser: Browser;
    before(async () => void (browser = await startBrowser()));
    after(() => browser.close());

    test("the file leads to the chat, once; that browser's later visits need no token", async () => {
      const file = pathToFileURL(readFileSync(opened, "utf8").trim()).href;
      const page = await browser.newPage();
      await page.goto(file);
      await page.getByLabel("Your question", { exact: true }).waitFor();
      assert.equal(new URL(page.url()).search, "");
      await page.reload();
      await page.getByLabel("Your question", { exact: true }).waitFor();
      const other = await browser.newPage();
      await other.goto(file);
      await other.getByText("opens one browser, once").waitFor();
    });
  });

  test("takes the file away when it ends", async () => {
    const file = readFileSync(opened, "utf8").trim();
    host.kill();
    await within(30_000, "its end", once(host, "exit"));
    assert.ok(!existsSync(path.dirname(file)));
  });
});
