/**
 * A folder that nobody has trusted yet, opened in a real VS Code: a trace opens, no engine starts, and
 * what the folder says of models counts for nothing; trusted, it is answered.
 */
import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import type { Locator } from "playwright-core";
import { ask, chatOf, lastTurn, settled } from "./chat";
import { type Editor, runCommand, startWithConsumer, tellOfConsumer, webviewOf } from "./editor";

const pictures = path.resolve("dist", "screenshots");
const refusal = /No model runs in Restricted Mode: trust this folder/;
const unset = /\["",\[\],"auto",""\]/;
const engineCommands = [
  "R-KV: Select Model",
  "R-KV: Check Model",
  "R-KV: Download from Hugging Face",
  "R-KV: Compare Two Runs",
];

const times = Number(process.env.RKV_LENS_TIMES ?? 1);

for (let time = 1; time <= times; time++)
  describe(`a folder that is not trusted, ${time}`, { timeout: 600_000 }, openUntrusted);

function openUntrusted(): void {
  const workspace = mkdtempSync(path.join(os.tmpdir(), "rkv-lens-untrusted-"));
  let editor: Editor;

  before(async () => {
    mkdirSync(pictures, { recursive: true });
    cpSync("test/fixtures/trace/golden-1.0.rkvtrace", path.join(workspace, "sent.rkvtrace"));
    mkdirSync(path.join(workspace, ".vscode"));
    writeFileSync(
      path.join(workspace, ".vscode", "settings.json"),
      JSON.stringify({
        "rkv.model.folder": workspace,
        "rkv.model.folders": [workspace],
        "rkv.model.device": "cpu",
        "rkv.hub.endpoint": "http://127.0.0.1:9/theirs",
      }),
    );
    editor = await startWithConsumer({ workspace, asksForTrust: true });
    await editor.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
  });

  after(async () => {
    await editor.close();
    rmSync(workspace, { recursive: true });
  });

  const picture = (name: string) =>
    editor.page.screenshot({ path: path.join(pictures, `vscode-${name}.png`) });

  test("opens a trace in the inspector", async () => {
    const { page } = editor;
    await page.keyboard.press("F1");
    await page.locator(".quick-input-widget input[type=text]").fill("sent.rkvtrace");
    await page.locator(".quick-input-list .monaco-list-row", { hasText: "sent" }).first().click();
    await webviewOf(page)
      .getByText(/\d\s% saved/)
      .waitFor();
    await webviewOf(page).locator("[data-view=redundancy] .figure").waitFor();
    await picture("restricted-trace");
    await runCommand(page, "View: Close All Editors");
  });

  test("makes none of the settings that could choose what is run, or from where", async () => {
    assert.match(await tellOfConsumer(editor.page, "Show Model Settings"), unset);
    await runCommand(editor.page, "R-KV: Focus Chat");
    await chatOf(editor.page).locator(".composer", { hasText: "Pocket Reasoner" }).waitFor();
  });

  test("is told why a question is not answered, and why a command does nothing", async () => {
    const { page } = editor;
    await ask(page);
    await lastTurn(page).getByText(refusal).waitFor();
    await picture("restricted-chat");
    for (const command of engineCommands) {
      await runCommand(page, command);
      await toast(refusal).waitFor();
      await runCommand(page, "Notifications: Clear All Notifications");
      await toast(refusal).waitFor({ state: "detached" });
    }
    await runCommand(page, "Consumer: Ask");
    const dialog = page.locator(".monaco-dialog-box", { hasText: refusal });
    await dialog.getByRole("button", { name: "OK" }).click();
    assert.deepEqual(enginesOf(editor), []);
  });

  test("is answered once it is trusted, and still names no model of its own", async () => {
    const { page } = editor;
    await runCommand(page, "Workspaces: Manage Workspace Trust");
    await page.locator(".workspace-trust-editor").getByText("Trust", { exact: true }).click();
    await page
      .locator(".statusbar-item", { hasText: "Restricted Mode" })
      .waitFor({ state: "detached" });
    await runCommand(page, "View: Close All Editors");
    assert.match(await tellOfConsumer(page, "Show Model Settings"), unset);
    await lastTurn(page).getByRole("button", { name: "Try again" }).click();
    assert.match((await settled(page)).answer, /Oli has \d+ books/);
    assert.equal(enginesOf(editor).length, 1);
    await picture("trusted");
    console.log(
      `Seen: ${times} × 4 settings ignored, ${engineCommands.length + 2} refusals, 1 trace`,
    );
  });

  const toast = (words: RegExp): Locator =>
    editor.page.locator(".notification-toast", { hasText: words }).first();
}

/** The processes that run this profile's engine. */
function enginesOf({ profile }: Editor): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const words = commandLine(pid);
      return words.includes(profile.extensions) && words.includes(path.join("dist", "engine.js"));
    });
}

/** Of a process that may have ended meanwhile. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
