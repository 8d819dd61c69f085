/** The packed extension in a real VS Code, driven by a real browser. Run by `npm run test:vscode`. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import {
  ask,
  chatOf,
  inspectorOf,
  lastTurn,
  longQuestion,
  midThought,
  question,
  settled,
  tabTo,
} from "./chat";
import { type Editor, pick, runCommand, startWithConsumer, tellOfConsumer } from "./editor";
import { clippedIn, faultsIn, setSideBarWidth, setTheme, themes } from "./looks";
import { takesAtMost } from "./timeLimit";

const pictures = path.resolve("dist", "screenshots");
/** In a browser VS Code writes down which editors are open every five seconds. */
const editorsWrittenMillis = 6_000;

describe("in a real VS Code", { timeout: 900_000 }, () => {
  let editor: Editor;

  before(async () => {
    mkdirSync(pictures, { recursive: true });
    editor = await startWithConsumer();
  });

  after(() => editor.close());

  test("activation takes at most 50 ms of the extensions' thread", async (t) => {
    const words = await tellOfConsumer(editor.page, "Activate R-KV Lens");
    takesAtMost(t, Number(/(\d+) ms/.exec(words)?.[1]), 50);
  });

  test("a question gets a folded thinking with its time, an answer and its figures", async () => {
    const { page } = editor;
    await runCommand(page, "R-KV: Focus Chat");
    await ask(page);
    const { answer, figures } = await settled(page);
    assert.match(answer, /Oli has \d+ books/);
    assert.match(figures, /to first token/);
    assert.match(await lastTurn(page).innerText(), /Thought for/);
    await page.screenshot({ path: path.join(pictures, "vscode-answer.png") });
  });

  test("a budget chosen from the palette in mid-generation evicts at once", async () => {
    const { page } = editor;
    await ask(page, longQuestion);
    await midThought(page);
    await runCommand(page, "R-KV: Set Cache Budget");
    await pick(page, "128");
    await page.locator(".statusbar-item", { hasText: "R-KV 128" }).waitFor();
    assert.match((await settled(page)).figures, /[1-9]\d* compactions?/);
    await runCommand(page, "R-KV: Set Cache Budget");
    await pick(page, "Full");
    await page.locator(".statusbar-item", { hasText: "Full" }).waitFor();
  });

  test("stop keeps what was thought, and answering again starts anew", async () => {
    const { page } = editor;
    await ask(page);
    await midThought(page);
    const stop = chatOf(page).getByRole("button", { name: "Stop", exact: true });
    await stop.click();
    await stop.waitFor({ state: "hidden" });
    assert.match(await lastTurn(page).innerText(), /Thought for/);
    await lastTurn(page).getByRole("button", { name: "Answer again" }).click();
    await stop.waitFor();
    assert.match((await settled(page)).answer, /Oli has \d+ books/);
  });

  test("a window reloaded in mid-stream has every word, and the next answer comes", async () => {
    const { page } = editor;
    await ask(page);
    await midThought(page);
    await page.reload();
    await page.locator(".monaco-workbench").waitFor();
    await runCommand(page, "R-KV: Focus Chat");
    await lastTurn(page)
      .getByText(/Thought for/)
      .first()
      .waitFor();
    await ask(page);
    assert.match((await settled(page)).answer, /Oli has \d+ books/);
  });

  test("three questions have one inspector beside the chat, which follows them", async () => {
    const { page } = editor;
    await runCommand(page, "R-KV: New Conversation");
    await runCommand(page, "R-KV: Focus Chat");
    for (const name of ["Ned", "Ava", "Hal"]) {
      await ask(page, `${name} has 32 books. How many books does ${name} have?`);
      const link = lastTurn(page).getByRole("button", { name: "Inspect" });
      if (name !== "Ava") await link.click();
      await page.locator(".tab", { hasText: `Cache: ${name} has 32` }).waitFor();
      await inspectorOf(page).locator("[data-view=text]").getByText(name).first().waitFor();
      await settled(page);
    }
    assert.equal(await page.locator(".editor-group-container").count(), 1);
    assert.equal(await page.locator(".tab").count(), 1);
    await page.screenshot({ path: path.join(pictures, "vscode-follows.png") });
  });

  test("a window that is loaded anew brings the inspector back, and it follows again", async () => {
    const { page } = editor;
    await page.waitForTimeout(editorsWrittenMillis);
    await page.reload();
    await page.locator(".tab", { hasText: "Cache: Hal has 32" }).waitFor();
    await runCommand(page, "R-KV: Focus Chat");
    await ask(page, "Oli has 32 books. How many books does Oli have?");
    await page.locator(".tab", { hasText: "Cache: Oli has 32" }).waitFor();
    await settled(page);
    assert.equal(await page.locator(".tab").count(), 1);
    await runCommand(page, "View: Close All Editors");
  });

  test("one command runs the question again with another budget, and shows both runs", async () => {
    const { page } = editor;
    await runCommand(page, "R-KV: Compare Two Runs");
    await pick(page, "budget 128");
    const inspector = inspectorOf(page);
    await inspector.locator("[data-view=compare] .figure").first().waitFor();
    assert.doesNotMatch(await inspector.locator("main").innerText(), /different prompts/);
    await page.screenshot({ path: path.join(pictures, "vscode-compare.png") });
  });

  test("a picture and the inspector itself are saved, and the saved page opens alone", async () => {
    const { page, browser } = editor;
    const inspector = inspectorOf(page);
    await inspector.getByRole("tab", { name: "Now" }).click();
    await inspector.getByRole("button", { name: "Export figure of Retention" }).click();
    const dialog = inspector.getByRole("dialog", { name: "Export figure" });
    await dialog.getByLabel("PNG").check();
    await dialog.getByRole("button", { name: "Save" }).click();
    const picture = await readFile(await savedAs(".png"));
    assert.equal(picture.toString("latin1", 1, 4), "PNG");
    await inspector.getByRole("button", { name: "Save as page" }).click();
    const saved = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await saved.goto(pathToFileURL(await savedAs(".html")).href);
    const held = { hasText: /\d tokens/ };
    await saved.locator("[data-view=map] .sentence", held).waitFor();
    await saved.screenshot({ path: path.join(pictures, "vscode-saved-page.png") });
    await saved.close();
    await runCommand(page, "View: Close All Editors");
  });

  /** Accepts the place that the dialog proposes, and waits until the file lies there. */
  async function savedAs(ending: string): Promise<string> {
    const { page, profile } = editor;
    const place = page.locator(".quick-input-widget input[type=text]");
    let file = "";
    await until(page, async () => (file = await place.inputValue()).endsWith(ending));
    assert.ok(file.startsWith(profile.folder), file);
    await place.press("Enter");
    await until(page, () => Promise.resolve(existsSync(file)));
    return file;
  }

  async function until(page: Page, isSo: () => Promise<boolean>): Promise<void> {
    for (let looks = 0; !(await isSo()); looks++) {
      assert.ok(looks < 300, "not within half a minute");
      await page.waitForTimeout(100);
    }
  }

  test("by the keyboard alone: ask, stop, ask, unfold, copy, inspect, walk through tokens", async () => {
    const { page } = editor;
    const { keyboard } = page;
    const chat = chatOf(page);
    const askByKeys = async (): Promise<void> => {
      await runCommandByKeys("R-KV: New Conversation");
      await runCommandByKeys("R-KV: Focus Chat");
      await chat.locator("textarea:focus").waitFor();
      await keyboard.type(question);
      await keyboard.press("Enter");
      await midThought(page);
    };
    await askByKeys();
    await keyboard.press("Escape");
    await chat.getByText("You stopped this answer").waitFor();
    await askByKeys();
    await settled(page);

    await tabTo(page, chat, ".turn:last-child .thinkingHead", "Shift+Tab");
    await keyboard.press("Enter");
    await chat.locator(".turn:last-child .thinkingBody").waitFor();
    await tabTo(page, chat, ".turn:last-child [aria-label='Copy answer']", "Tab");
    await keyboard.press("Enter");
    await tabTo(page, chat, "textarea", "Tab");
    await keyboard.press("Control+V");
    const box = chat.getByRole("textbox", { name: "Your question" });
    assert.match(await box.inputValue(), /\d+ books/);
    await keyboard.press("Control+A");
    await keyboard.press("Delete");
    await tabTo(page, chat, ".turn:last-child .inspect", "Shift+Tab");
    await keyboard.press("Enter");
    const inspector = inspectorOf(page);
    await inspector.getByText(/\d\s% saved/).waitFor();
    await tabTo(page, inspector, "[data-view=map] .figure", "Tab");
    await keyboard.press("ArrowRight");
    await inspector.locator(".foot .words", { hasText: /at \d+/ }).waitFor();
  });

  async function runCommandByKeys(title: string): Promise<void> {
    const { page } = editor;
    await page.keyboard.press("F1");
    await page.keyboard.type(title);
    const row = page.locator(".quick-input-list .monaco-list-row.focused", { hasText: title });
    await row.waitFor();
    await page.keyboard.press("Enter");
  }

  for (const theme of themes)
    test(`${theme}: axe finds nothing serious in chat and inspector`, async () => {
      const views = [chatOf(editor.page), inspectorOf(editor.page)];
      await setTheme(editor.page, theme, views);
      for (const view of views) assert.deepEqual(await faultsIn(view), []);
      await editor.page.screenshot({ path: path.join(pictures, `vscode-${theme}.png`) });
    });

  test("in a side bar of 300 px nothing is clipped", async () => {
    const { page } = editor;
    await setSideBarWidth(page, 300);
    assert.deepEqual(await clippedIn(chatOf(page)), []);
    await page.screenshot({ path: path.join(pictures, "vscode-300px.png") });
  });

  test("a long prefill delays the extension host's event loop by at most 20 ms (p99)", async (t) => {
    const { page } = editor;
    await runCommand(page, "Consumer: Watch Event Loop");
    await ask(page, "Eve has 18 books. ".repeat(1_000));
    await lastTurn(page).getByText("Reading the prompt").waitFor();
    await page.waitForTimeout(3_000);
    const words = await tellOfConsumer(page, "Show Event Loop Delay");
    await chatOf(page).getByRole("button", { name: "Stop", exact: true }).click();
    const millis = Number(/p99 ([\d.]+)/.exec(words)?.[1]);
    takesAtMost(t, millis, 20);
  });

  test("another extension gets a streamed answer without thinking, and its cancel stops the engine", async () => {
    for (const command of ["Ask", "Ask and Cancel"]) {
      const words = await tellOfConsumer(editor.page, command);
      assert.match(words, /“Hal has \d+ cards\.” in \d+ pieces, question \d+ tokens/);
    }
  });
});
