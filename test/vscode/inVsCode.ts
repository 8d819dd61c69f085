/** The packed extension in a real VS Code, driven by a real browser. Run by `npm run test:vscode`. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { createVSIX } from "@vscode/vsce";
import { type Editor, installEditor, runCommand, startEditor, webviewOf } from "./editor";

const question =
  "Eve has 18 books. Dan has 6 more than Eve. Gus has half as many as Dan. Pam has 9 more than Gus. Oli has twice as many as Pam. How many books does Oli have?";
const pictures = path.resolve("dist", "screenshots");
const thinking = ".turn:last-child .thinking";
const answerOf = ".turn:last-child .answerFooter";

describe("in a real VS Code", { timeout: 600_000 }, () => {
  let editor: Editor;

  before(async () => {
    installEditor();
    mkdirSync(pictures, { recursive: true });
    const folder = mkdtempSync(path.join(os.tmpdir(), "rkv-lens-vscode-"));
    const consumer = path.join(folder, "consumer.vsix");
    await createVSIX({
      cwd: path.resolve("test/vscode/consumer"),
      packagePath: consumer,
      dependencies: false,
      allowMissingRepository: true,
      skipLicense: true,
    });
    editor = await startEditor([path.resolve("dist/rkv-lens-linux-x64.vsix"), consumer], folder);
    await runCommand(editor.page, "R-KV: Focus Chat");
  });

  after(() => editor.close());

  async function ask(text: string): Promise<void> {
    const chat = webviewOf(editor.page);
    const box = chat.getByRole("textbox", { name: "Your question" });
    const turns = await chat.locator(".turn").count();
    await box.fill(text);
    await box.press("Enter");
    await chat.locator(".turn").nth(turns).waitFor();
  }

  async function settled(): Promise<string> {
    const chat = webviewOf(editor.page);
    await chat.locator(answerOf).getByText("tokens").first().waitFor();
    return chat.locator(".turn").last().innerText();
  }

  test("a question gets a folded thinking with its time, an answer and its figures", async () => {
    await ask(question);
    const text = await settled();
    assert.match(text, /Thought for/);
    assert.match(text, /Oli has \d+ books/);
    assert.match(text, /to first token/);
    await editor.page.screenshot({ path: path.join(pictures, "vscode-answer.png") });
  });

  test("a budget chosen from the palette in mid-generation evicts at once", async () => {
    const chat = webviewOf(editor.page);
    await ask(question);
    await chat.locator(thinking).getByText("Check 1 of 3").waitFor();
    await runCommand(editor.page, "R-KV: Set Cache Budget");
    await editor.page.locator(".quick-input-list .monaco-list-row", { hasText: "128" }).click();
    const text = await settled();
    assert.match(text, /[1-9]\d* compactions?/);
    await editor.page.locator(".statusbar-item", { hasText: "R-KV 128" }).waitFor();
  });

  test("stop keeps what was thought, and answering again starts anew", async () => {
    const chat = webviewOf(editor.page);
    await ask(question);
    await chat.locator(thinking).getByText("Let me solve it").waitFor();
    const stop = chat.getByRole("button", { name: "Stop", exact: true });
    await stop.click();
    await stop.waitFor({ state: "hidden" });
    assert.match(await chat.locator(".turn").last().innerText(), /Let me solve it|Thought for/);
    await chat.locator(".turn").last().getByRole("button", { name: "Answer again" }).click();
    await stop.waitFor();
    assert.match(await settled(), /Oli has \d+ books/);
  });

  test("a window reloaded in mid-stream has every word, and the next answer comes", async () => {
    const { page } = editor;
    await ask(question);
    await webviewOf(page).locator(thinking).getByText("Check 1 of 3").waitFor();
    await page.waitForTimeout(1_500); // The host saves what it has once a second.
    await page.reload();
    await page.locator(".monaco-workbench").waitFor();
    await runCommand(page, "R-KV: Focus Chat");
    const last = webviewOf(page).locator(".turn").last();
    await last
      .getByText(/window closed|Oli has/)
      .first()
      .waitFor();
    await ask(question);
    assert.match(await settled(), /Oli has \d+ books/);
  });

  test("the inspector opens on an answer", async () => {
    const { page } = editor;
    await runCommand(page, "R-KV: Open Inspector");
    await webviewOf(page, 1).getByText("cache held").waitFor();
    await page.screenshot({ path: path.join(pictures, "vscode-inspector.png") });
  });

  test("another extension gets a streamed answer without thinking, and its cancel stops the engine", async () => {
    const { page } = editor;
    for (const command of ["Consumer: Ask", "Consumer: Ask and Cancel"]) {
      await runCommand(page, command);
      const message = page.locator(".notification-toast", { hasText: "consumer got" }).first();
      const text = await message.innerText();
      assert.match(text, /“Hal has \d+ cards\.” in \d+ pieces, question \d+ tokens/);
      await runCommand(page, "Notifications: Clear All Notifications");
    }
  });
});
