/** The ways from an answer to the inspector: what each asks the host for. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { cannotStartBrowser, startBrowser } from "../../support/browser";
import { type StateName, states } from "../../support/chatStates";
import { serveState, type StillChat } from "../../support/servedChat";
import { until } from "../../support/within";

describe("from the chat to the inspector", { skip: cannotStartBrowser() }, () => {
  let browser: Browser;
  let still: StillChat;
  let page: Page;
  let state: StateName = "running";

  before(async () => {
    browser = await startBrowser();
    still = await serveState(() => states[state]());
    page = await browser.newPage({ reducedMotion: "reduce" });
    page.setDefaultTimeout(30_000);
    await page.goto(still.server.newAddress());
    await page.locator(".turn").waitFor();
  });
  beforeEach(() => {
    still.asked.length = 0;
  });
  after(async () => {
    await browser.close();
    await still.server.close();
  });

  async function inState(name: StateName): Promise<void> {
    state = name;
    await page.reload();
    await page.locator(".turn").first().waitFor();
  }

  const idOf = (turn: number) => states[state]().conversation.turns[turn]?.answer.id;
  const ways = () => still.asked.filter(({ name }) => ["openInspector", "lookAt"].includes(name));

  async function asks(name: string, params: object): Promise<void> {
    await until(() => ways().length > 0);
    const listed = [params, null]; // A list of arguments, of which the second is a token.
    assert.deepEqual(ways(), [{ name, params: listed }]);
  }

  test("while an answer is being written its turn has the link, and no other button", async () => {
    await inState("running");
    const buttons = page.locator(".answerFooter :is(button, vscode-button):visible");
    assert.deepEqual(await buttons.allInnerTexts(), ["Inspect"]);
    await buttons.click();
    await asks("openInspector", { answer: idOf(0) });
  });

  test("and so has each of several chains that ended, with its number", async () => {
    await inState("voted");
    await page.locator(".chainMark").nth(2).click();
    await until(() => ways().length === 1);
    still.asked.length = 0;
    await page.locator(".chainPanel .inspect").click();
    await asks("openInspector", { answer: idOf(0), chain: 2 });
  });

  test("a click on an answer says which one is looked at", async () => {
    await inState("answered");
    await page.locator(".turn").nth(1).locator(".markdown").click();
    await asks("lookAt", { answer: idOf(1) });
  });
});
