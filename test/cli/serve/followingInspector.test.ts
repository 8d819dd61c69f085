/** The browser host's chat, and inspectors in tabs beside it: one follows, others are pinned. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { cannotStartBrowser, startBrowser } from "../../support/browser";
import { syntheticTrace } from "../../support/inspector/inspectorPage";
import { type ServedChat, serveFakeEngine } from "../../support/servedChat";
import { until } from "../../support/within";

const shape = { layers: 4, kvHeads: 2, headDim: 8, compactions: 4, budget: 48, seed: 7 };
/** Of the two runs. */
const [first, second] = ["Ned", "Ava"].map((name) => `${name} ${"slow ".repeat(10).trim()}`);
const [short, long] = [160, 240];

describe("an inspector beside the chat", { skip: cannotStartBrowser(), timeout: 120_000 }, () => {
  let served: ServedChat;
  let browser: Browser;
  let context: BrowserContext;
  let chat: Page;
  let inspector: Page;
  let shortTrace: Uint8Array;
  let longTrace: Uint8Array;

  before(async () => {
    shortTrace = await syntheticTrace({ ...shape, tokens: short });
    longTrace = await syntheticTrace({ ...shape, tokens: long });
    served = await serveFakeEngine();
    browser = await startBrowser();
    context = await browser.newContext({ reducedMotion: "reduce" });
    context.setDefaultTimeout(60_000);
    chat = await context.newPage();
    await chat.goto(served.server.newAddress());
    await chat.locator(".empty").waitFor();
  });

  after(async () => {
    await browser.close();
    await served.close();
  });

  /** Asks, and writes the first half of the trace; returns what writes the rest. */
  async function ask(question: string, trace: Uint8Array): Promise<() => Promise<void>> {
    const box = chat.getByLabel("Your question", { exact: true }).last();
    await box.fill(question);
    await box.press("Enter");
    const { session, traces } = served.chat;
    const last = () => session.state.conversation.turns.at(-1);
    await until(() => last()?.question.text === question);
    const file = traces.fileOf(last()?.answer.id ?? "");
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, trace.subarray(0, trace.length / 2));
    return () => writeFile(file, trace);
  }

  const turn = (index: number) => chat.locator(".turn").nth(index);
  const inspect = (index: number) => turn(index).getByRole("button", { name: "Inspect" });
  const pin = (page: Page, pressed: boolean) => page.getByRole("button", { name: "Pin", pressed });
  const shows = (page: Page, question: string) =>
    page.locator(`xpath=//title[text()="${question}"]`).waitFor({ state: "attached" });
  const shownTo = (page: Page, tokens: number) =>
    page.locator(`[role=slider][aria-valuenow="${tokens}"]`).waitFor();
  const layer = () => inspector.getByLabel("Layer", { exact: true });

  /** The tab that opens at a click. */
  async function tabAt(click: Promise<void>): Promise<Page> {
    const [tab] = await Promise.all([context.waitForEvent("page"), click]);
    return tab;
  }

  test("opens while the answer is being written, and is there at its end", async () => {
    const writeRest = await ask(first, shortTrace);
    inspector = await tabAt(inspect(0).click());
    await shows(inspector, first);
    await writeRest();
    await shownTo(inspector, short);
    await served.chat.session.settled();
  });

  test("a new question shows its run in the same tab, live, from the same place", async () => {
    await layer().selectOption("2");
    await inspector.evaluate("window.isTheSame = true");
    const writeRest = await ask(second, longTrace);
    await shows(inspector, second);
    await writeRest();
    await shownTo(inspector, long);
    assert.equal(await layer().inputValue(), "2");
    assert.equal(await inspector.evaluate("window.isTheSame"), true, "the page was loaded anew");
    assert.equal(context.pages().length, 2);
    await served.chat.session.settled();
  });

  test("an answer that is clicked on is shown", async () => {
    await turn(0).locator(".markdown").click();
    await shows(inspector, first);
    await shownTo(inspector, short);
  });

  test("Inspect brings the tab to the front and opens none", async () => {
    await inspect(1).click();
    await shows(inspector, second);
    assert.equal(await inspector.evaluate("window.isTheSame"), true);
    assert.equal(context.pages().length, 2);
  });

  test("two runs side by side are shown in it, until one alone is shown again", async () => {
    const { following, session } = served.chat;
    const { turns } = session.state.conversation;
    const traces = turns.map(({ answer }) => following.traceOf(answer.id));
    const tab = (name: string) => inspector.getByRole("tab", { name, selected: true });
    following.show({ traces, chain: 0 });
    await tab("Compare").waitFor();
    await shows(inspector, first);
    await inspect(1).click();
    await tab("Now").waitFor();
    await shows(inspector, second);
  });

  test("a pinned one stays, also through a reload, and the next run opens in another", async () => {
    await pin(inspector, false).click();
    await pin(inspector, true).waitFor();
    await inspector.reload();
    await pin(inspector, true).waitFor();
    const other = await tabAt(inspect(0).click());
    await shows(other, first);
    await shows(inspector, second);
    await pin(inspector, true).click();
    await shows(inspector, first);
    await other.close();
  });

  test("another one can be asked for, and stays with its run", async () => {
    const open = inspector.getByRole("button", { name: "Open another" });
    const other = await tabAt(open.click());
    await pin(other, true).waitFor();
    await inspect(1).click();
    await shows(inspector, second);
    await shows(other, first);
  });
});
