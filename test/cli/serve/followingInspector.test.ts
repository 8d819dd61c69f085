/** The browser host with its own model: an inspector in a tab beside the chat, which follows it. */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { serveBrowser } from "../../../src/cli/serve/serve";
import type { RunningServer } from "../../../src/cli/serve/server";
import { bytesInMemory } from "../../../src/shared/trace/byteSource";
import { load } from "../../../webview/inspector/state/loader";
import { cannotStartBrowser, startBrowser } from "../../support/browser";

describe("an inspector beside the chat", { skip: cannotStartBrowser(), timeout: 60_000 }, () => {
  let storage: string;
  let server: RunningServer;
  let browser: Browser;
  let context: BrowserContext;
  let chat: Page;
  let inspector: Page;

  before(async () => {
    storage = await mkdtemp(path.join(tmpdir(), "rkv-lens-follow-"));
    server = await serveBrowser({
      port: 0,
      device: "cpu",
      storage,
      bundles: "dist",
      bundledModel: path.resolve("media/model"),
      files: [],
      show: () => undefined,
      log: () => undefined,
    });
    browser = await startBrowser();
    context = await browser.newContext({ reducedMotion: "reduce" });
    context.setDefaultTimeout(15_000);
    chat = await context.newPage();
    await chat.goto(server.newAddress());
    await chat.locator(".empty").waitFor();
  });

  after(async () => {
    await browser.close();
    await server.close();
    await rm(storage, { recursive: true, force: true, maxRetries: 5 });
  });

  async function ask(question: string): Promise<void> {
    const box = chat.getByLabel("Your question", { exact: true }).last();
    await box.fill(question);
    await box.press("Enter");
  }

  const lastTurn = () => chat.locator(".turn").last();
  const answered = () => lastTurn().locator(".figures li").last().waitFor();
  const shows = (page: Page, question: string) =>
    page.locator(`xpath=//title[text()="${question}"]`).waitFor({ state: "attached" });
  const textOf = (page: Page) => page.locator("[data-view=text]");

  /** Of the newest run, in tokens. */
  async function lengthOfLast(): Promise<number> {
    const folder = path.join(storage, "traces");
    const names = (await readdir(folder)).filter((name) => name.endsWith(".rkvtrace"));
    const files = names.map((name) => path.join(folder, name));
    files.sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs);
    const { run, refresh } = await load(bytesInMemory(await readFile(files.at(-1) ?? "")));
    await refresh();
    return run.tokens;
  }

  test("opens while the answer is being written, by the link in its turn", async () => {
    await ask("Ned has 32 cards. How many does he have?");
    const opened = context.waitForEvent("page");
    await lastTurn().getByRole("button", { name: "Inspect" }).click();
    inspector = await opened;
    await shows(inspector, "Ned has 32 cards. How many does…");
    await answered();
    assert.equal(await lastTurn().getByRole("button", { name: "Inspect" }).count(), 1);
  });

  test("a new question shows the new run in the same tab, from the same place", async () => {
    await inspector.getByLabel("Layer", { exact: true }).selectOption("2");
    await inspector.evaluate("window.isTheSame = true");
    await ask("Ava has 7 books. How many has she?");
    await shows(inspector, "Ava has 7 books. How many has s…");
    await textOf(inspector).getByText("Ava").first().waitFor();
    await answered();
    const tokens = await lengthOfLast();
    await inspector.locator(`[role=slider][aria-valuenow="${tokens}"]`).waitFor();
    assert.equal(await inspector.getByLabel("Layer", { exact: true }).inputValue(), "2");
    assert.equal(await inspector.evaluate("window.isTheSame"), true, "the page was loaded anew");
    assert.equal(context.pages().length, 2);
  });

  test("an answer that is clicked on is shown", async () => {
    await chat.locator(".turn").first().locator(".markdown").click();
    await shows(inspector, "Ned has 32 cards. How many does…");
  });

  test("Inspect brings the tab to the front and opens none", async () => {
    await lastTurn().getByRole("button", { name: "Inspect" }).click();
    await shows(inspector, "Ava has 7 books. How many has s…");
    assert.equal(await inspector.evaluate("window.isTheSame"), true);
    assert.equal(context.pages().length, 2);
  });

  test("a pinned one stays, also through a reload, and the next run opens in another", async () => {
    await inspector.getByRole("button", { name: "Pin" }).click();
    await inspector.getByRole("button", { name: "Pinned" }).waitFor();
    await inspector.reload();
    await inspector.getByRole("button", { name: "Pinned" }).waitFor();
    const opened = context.waitForEvent("page");
    await chat.locator(".turn").first().getByRole("button", { name: "Inspect" }).click();
    const second = await opened;
    await shows(second, "Ned has 32 cards. How many does…");
    await shows(inspector, "Ava has 7 books. How many has s…");
    await inspector.getByRole("button", { name: "Pinned" }).click();
    await shows(inspector, "Ned has 32 cards. How many does…");
    await second.close();
  });

  test("another one can be asked for, and stays with its run", async () => {
    const opened = context.waitForEvent("page");
    await inspector.getByRole("button", { name: "Open another" }).click();
    const other = await opened;
    await other.getByRole("button", { name: "Pinned" }).waitFor();
    await lastTurn().getByRole("button", { name: "Inspect" }).click();
    await shows(inspector, "Ava has 7 books. How many has s…");
    await shows(other, "Ned has 32 cards. How many does…");
    await other.close();
  });
});
