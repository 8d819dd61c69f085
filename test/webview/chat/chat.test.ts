/** The chat in a real browser, over a real session and an engine that answers with the words it is asked. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { Answer } from "../../../src/shared/chat/chatState";
import { cannotStartBrowser, startBrowser } from "../../support/browser";
import { hostile } from "../../support/hostileMarkdown";
import { type ServedChat, serveFakeEngine } from "../../support/servedChat";
import { until } from "../../support/within";

function words(count: number, word = "w"): string {
  return Array.from({ length: count }, (_, index) => `${word}${index}`).join(" ");
}

describe("the chat", { skip: cannotStartBrowser(), timeout: 240_000 }, () => {
  let browser: Browser;
  let served: ServedChat;
  let page: Page;

  before(async () => {
    browser = await startBrowser();
    served = await serveFakeEngine();
    const context = await browser.newContext({ reducedMotion: "reduce" });
    page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(served.server.newAddress());
    // The address leads on to the chat by itself, which a reload must not cut short.
    await page.locator(".empty").waitFor();
  });

  beforeEach(async () => {
    await served.chat.session.settled();
    served.chat.session.openNew();
    // An empty conversation looks like the one before it: a page that starts shows the new one.
    await page.reload();
    await page.locator(".chip.model .chipLabel:not(:empty)").waitFor();
    await page.locator(".empty").waitFor();
  });

  after(async () => {
    await browser.close();
    await served.close();
  });

  const composer = () => page.getByLabel("Your question", { exact: true }).last();
  const ended = () => page.locator(".turn[aria-busy=false] .answerFooter").last().waitFor();

  const lastAnswer = (): Answer | undefined =>
    served.chat.session.state.conversation.turns.at(-1)?.answer;

  async function ask(text: string): Promise<void> {
    await composer().fill(text);
    await composer().press("Enter");
  }

  test("thinks several ways: the majority answers, and each chain is a click away", async () => {
    await page.locator(".chip.chains").click();
    await page.getByRole("button", { name: "4 ways" }).click();
    await page.locator(".chip.chains", { hasText: "think 4 ways" }).waitFor();
    await ask("one two three four");
    await ended();
    assert.equal(await page.textContent(".markdown"), "three four\n");
    assert.equal(await page.textContent(".chainsTitle"), "3 of 4 agree");
    const marks = await page.locator(".chainMark").allTextContents();
    assert.deepEqual(marks, ["another", ...Array<string>(3).fill("✓ three four")]);
    await page.locator(".chainMark").first().click();
    assert.equal(await page.textContent(".chainPanel .thinkingBody"), "one two ");
    assert.equal(await page.textContent(".chainPanel .markdown"), "another\n");
    await page.locator(".chainMark").first().click();
    assert.equal(await page.locator(".chainPanel").count(), 0);
    await served.chat.host.choose("chains", "1");
  });

  test("asks, folds the thinking with its length, and shows the answer with its figures", async () => {
    await ask("one two three four");
    await ended();
    assert.equal(await page.textContent(".markdown"), "three four\n");
    assert.match((await page.textContent(".thinkingHead")) ?? "", /Thought for .* m?s2 tokens/);
    assert.equal(await page.locator(".thinkingBody").isVisible(), false);
    await page.click(".thinkingHead");
    assert.equal(await page.textContent(".thinkingBody"), "one two ");
    const figures = (await page.textContent(".figures")) ?? "";
    for (const figure of ["50 tok/s", "4 tokens", "to first token", "of a full cache", "CPU"])
      assert.ok(figures.includes(figure), figures);
  });

  test("stops by Escape, and says so", async () => {
    await ask(`${words(20)} ${"slow ".repeat(200)}`);
    await page.locator(".thinkingTail").waitFor();
    await page.keyboard.press("Escape");
    await ended();
    assert.match((await page.textContent(".notices")) ?? "", /You stopped this answer/);
    assert.equal(lastAnswer()?.phase, "stopped");
  });

  test("regenerates an answer, and edits and sends again a question, by keyboard alone", async () => {
    await ask("one two three four");
    await ended();
    const first = lastAnswer()?.id;
    const firstShown = await page.locator(".turn").elementHandle();
    assert.ok(firstShown);
    await page.getByRole("button", { name: "Answer again" }).focus();
    await page.keyboard.press("Enter");
    await firstShown.waitForElementState("hidden");
    await ended();
    assert.notEqual(lastAnswer()?.id, first);
    await composer().focus();
    await page.keyboard.press("ArrowUp");
    await page.getByLabel("Edit your question").fill("five six seven eight");
    await page.keyboard.press("Enter");
    await page.getByText("seven eight", { exact: true }).waitFor();
    assert.equal(served.chat.session.state.conversation.turns.length, 1);
  });

  test("has the engine's whole text after reloads in mid-stream", async () => {
    const question = words(600);
    await ask(question);
    for (let reload = 1; reload <= 3; reload++) {
      await until(() => (lastAnswer()?.figures?.position ?? 0) >= 120 * reload);
      await page.reload();
    }
    await ended();
    await page.click(".thinkingHead");
    const thinking = (await page.textContent(".thinkingBody")) ?? "";
    const answer = (await page.textContent(".markdown")) ?? "";
    assert.equal(`${thinking}${answer}`.trim(), question);
  });

  test("draws a fast stream at most 60 times a second and loses nothing", async () => {
    await page.evaluate(`
      window.draws = 0;
      let frame = false;
      new MutationObserver(() => {
        if (!frame) draws += 1;
        frame = true;
        queueMicrotask(() => (frame = false));
      }).observe(document.querySelector(".turns"), { subtree: true, childList: true, characterData: true })`);
    const question = words(800);
    const begin = Date.now();
    await ask(question);
    await ended();
    const seconds = (Date.now() - begin) / 1000;
    const draws = await page.evaluate<number>("draws");
    assert.ok(draws > 10 && draws <= 60 * seconds + 10, `${draws} draws in ${seconds} s`);
    await page.click(".thinkingHead");
    const thinking = (await page.textContent(".thinkingBody")) ?? "";
    const answer = (await page.textContent(".markdown")) ?? "";
    assert.equal(`${thinking}${answer}`.trim(), question);
  });

  test("switches the budget in the middle of an answer", async () => {
    await ask(`${"slow ".repeat(30)}${words(60)}`);
    await page.locator(".thinkingTail").waitFor();
    await page.click(".chip.budget");
    await page.getByLabel("Custom cache budget").fill("nonsense");
    await page.keyboard.press("Enter");
    await page.getByText("The budget “nonsense” is not one").waitFor();
    await page.getByLabel("Custom cache budget").fill("24");
    await page.keyboard.press("Enter");
    await ended();
    assert.match((await page.textContent(".figures")) ?? "", /66 evicted/);
  });

  test("keeps the draft through a reload", async () => {
    await composer().fill("half a thought");
    await until(() => served.chat.session.state.conversation.draft !== "");
    await page.reload();
    await page.locator(".chip.model .chipLabel:not(:empty)").waitFor();
    assert.equal(await composer().inputValue(), "half a thought");
  });

  test("keeps what is typed when a new conversation opens elsewhere, and sends it there", async () => {
    await composer().fill("one two three four");
    served.chat.session.openNew();
    const { id } = served.chat.session.state.conversation;
    await until(() => served.chat.session.state.conversation.draft === "one two three four");
    await composer().press("Enter");
    await ended();
    assert.equal(served.chat.session.state.conversation.id, id);
    assert.equal(lastAnswer()?.text, "three four ");
  });

  test("keeps what is typed before the first state has come", async () => {
    const slow = await page.context().newPage();
    const held: (() => void)[] = [];
    let isHeld = true;
    await slow.routeWebSocket(/.*/, (socket) => {
      const host = socket.connectToServer();
      host.onMessage((message) => {
        if (isHeld) held.push(() => socket.send(message));
        else socket.send(message);
      });
    });
    await slow.goto(served.server.newAddress());
    const box = slow.getByLabel("Your question", { exact: true }).last();
    await until(() => held.length > 0);
    await box.fill("typed early");
    isHeld = false;
    held.forEach((send) => send());
    await slow.locator(".chip.model .chipLabel:not(:empty)").waitFor();
    assert.equal(await box.inputValue(), "typed early");
    await slow.close();
  });

  test("says in one sentence that the engine died, and answers the next question", async () => {
    await ask("one two crash");
    await page.getByRole("button", { name: "Try again" }).waitFor();
    assert.match(
      (await page.textContent(".notice.error")) ?? "",
      /engine process was ended by SIGSEGV/,
    );
    await ask("and now four words");
    await page.getByText("four words", { exact: true }).waitFor();
  });

  test("finds, renames and deletes conversations", async () => {
    await ask("alpha beta gamma delta");
    await ended();
    await page.getByRole("button", { name: "Conversations" }).click();
    await page.locator("vscode-text-field input").fill("gamma");
    const entry = page.locator(".conversationEntries li");
    await page.getByText("alpha beta gamma delta").first().waitFor();
    await entry
      .getByRole("button", { name: /^Rename/ })
      .first()
      .click();
    await page.getByLabel("Title").fill("Greek");
    await page.keyboard.press("Enter");
    await page.getByText("Greek").first().waitFor();
    await page.getByRole("button", { name: "Delete “Greek”" }).first().click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByText("Greek").first().waitFor({ state: "detached" });
    await until(() =>
      served.chat.session.state.conversations.every(({ title }) => title !== "Greek"),
    );
  });

  test("lets a question in another conversation wait its turn, in the sight of every tab", async () => {
    const other = await page.context().newPage();
    await other.goto(served.server.newAddress());
    await ask(`${"slow ".repeat(20)}end`);
    await other.locator(".thinkingTail").waitFor();
    await other.getByRole("button", { name: "New conversation" }).click();
    await page.locator(".empty").waitFor();
    await ask("one two three four");
    for (const tab of [page, other])
      await tab.getByText("Waiting for another answer to end").first().waitFor();
    await other.close();
    await ended();
    assert.equal(lastAnswer()?.text, "three four ");
  });

  test("says what happened to stored files until that is closed, in every tab", async () => {
    const other = await page.context().newPage();
    await other.goto(served.server.newAddress());
    const sentences = ["a", "b", "c", "d", "e"].map((name) => `The file ${name} was set aside.`);
    sentences.forEach((sentence) => served.chat.session.tell(sentence));
    const words = `${sentences.slice(0, 3).join("\n")}\nSo it is with 2 more; the log names them.`;
    for (const tab of [page, other]) await tab.getByText("The file c was set aside").waitFor();
    assert.equal(await page.getByRole("alert").innerText(), words);
    await page.getByRole("button", { name: "Close" }).click();
    for (const tab of [page, other])
      await tab.getByText("The file c was set aside").waitFor({ state: "hidden" });
    assert.deepEqual(served.chat.session.state.notices, []);
    await other.close();
  });

  test("exports the conversation as Markdown and as JSON", async () => {
    await ask("one two three four");
    await ended();
    const exported = async (name: string): Promise<string> => {
      await page.getByRole("button", { name: "Export", exact: true }).click();
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name }).click(),
      ]);
      return readFile(await file.path(), "utf8");
    };
    assert.match(
      await exported("Export as Markdown…"),
      /## Question\n\none two three four\n\n## Answer/,
    );
    const { turns } = JSON.parse(await exported("Export as JSON…")) as { turns: unknown[] };
    assert.equal(turns.length, 1);
  });

  test("reaches nowhere, whatever the model says", async () => {
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    await ask(hostile("http://127.0.0.1:9").join(" "));
    await ended();
    await page.click(".thinkingHead");
    const own = `http://127.0.0.1:${served.server.port}`;
    assert.deepEqual(
      requests.filter((url) => !url.startsWith(`${own}/assets/`)),
      [],
    );
  });
});
