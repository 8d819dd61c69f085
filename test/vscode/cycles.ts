/**
 * A view that is reloaded, hidden or moved while an answer streams in has the engine's words when
 * it is back: none is missing, none is there twice. T13 of `npm run attack` does it 200 times.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { withTrace } from "../../src/cli/trace/traceFile";
import type { Conversation } from "../../src/shared/chat/chatState";
import { Random } from "../../src/shared/random";
import { ask, chatOf, lastTurn, longQuestion, midThought } from "./chat";
import { type Editor, runCommand, startWithConsumer } from "./editor";
import { takesAtMost } from "./timeLimit";

const times = Number(process.env.RKV_LENS_TIMES ?? 3);
const chance = new Random(Number(process.env.RKV_LENS_SEED ?? 1));
const latestMillis = 500;
const backMillis = 300;

const disturbances: Record<string, (page: Page) => Promise<void>> = {
  reload: async (page) => {
    await page.reload();
    await page.locator(".monaco-workbench").waitFor();
    await runCommand(page, "R-KV: Focus Chat");
  },
  hide: async (page) => {
    await page.locator(".activitybar [aria-label^=Explorer]").first().click();
    await chatOf(page).locator(".composer").waitFor({ state: "hidden" });
    await page.locator(".activitybar [aria-label^='R-KV Lens']").first().click();
  },
  move: async (page) => {
    await runCommand(page, "Consumer: Move Chat to Explorer");
    await chatOf(page).locator(".composer").waitFor();
    await runCommand(page, "Consumer: Move Chat Back");
    await runCommand(page, "R-KV: Focus Chat");
  },
};
const names = Object.keys(disturbances);

describe("a view disturbed in mid-stream", { timeout: 120_000 + times * 60_000 }, () => {
  const delays: number[] = [];
  let editor: Editor;

  before(async () => {
    editor = await startWithConsumer();
    await runCommand(editor.page, "R-KV: Focus Chat");
    await ask(editor.page, longQuestion);
  });

  after(() => editor.close());

  for (let time = 0; time < times; time++) {
    const name = names[time % names.length] ?? "";
    test(`${time + 1}, ${name}: the words are the engine's`, async () => {
      const { page, profile } = editor;
      await midThought(page);
      await page.waitForTimeout(chance.integer(0, latestMillis));
      await disturbances[name]?.(page);
      delays.push(await millisToWords(page));
      const shown = await wordsShown(page);
      const engines = await wordsOfEngine(profile.data);
      assert.ok(shown.length > 0 && engines.length > 0);
      if (name === "reload") assert.ok(engines.startsWith(shown) || shown.startsWith(engines));
      else assert.equal(shown, engines);
      await lastTurn(page).getByRole("button", { name: "Answer again" }).click();
    });
  }

  test("its words are there as soon as the view is", (t) => {
    const longest = Math.round(Math.max(...delays));
    console.log(
      `Seen: ${delays.length} × the engine's words, the latest ${longest} ms after the view`,
    );
    takesAtMost(t, longest, backMillis);
  });
});

/** From the composer, which is the first to be drawn, to the last turn's words. */
async function millisToWords(page: Page): Promise<number> {
  const view = chatOf(page);
  await view.locator(".composer").waitFor();
  const since = performance.now();
  await lastTurn(page).locator(".thinkingHead, .thinkingTail p").first().waitFor();
  return performance.now() - since;
}

/** Thinking and answer of the last turn, once it has ended. */
async function wordsShown(page: Page): Promise<string> {
  const turn = lastTurn(page);
  await turn.getByRole("button", { name: "Answer again" }).waitFor();
  await turn.locator(".thinkingHead").click();
  const thinking = await turn.locator(".thinkingBody").innerText();
  return withoutSpaces(thinking + (await turn.locator(".markdown").innerText()));
}

/** What the trace of the newest answer has, as the engine wrote it. */
async function wordsOfEngine(data: string): Promise<string> {
  const storage = path.join(data, "User", "workspaceStorage");
  const files = readdirSync(storage, { recursive: true, encoding: "utf8" });
  const conversation = files.find((file) => /conversations.*\.json$/.test(file)) ?? "";
  const stored = readFileSync(path.join(storage, conversation), "utf8");
  const { turns } = JSON.parse(stored) as Conversation;
  const trace = files.find((file) => file.endsWith(`${turns.at(-1)?.answer.id}.rkvtrace`)) ?? "";
  return withTrace(path.join(storage, trace), async (reader) => {
    const texts: string[] = [];
    await reader.refresh((item) => {
      if (item.type === "tokens" && !item.isPrompt) texts.push(...item.texts);
    });
    return withoutSpaces(texts.join("").replace(/<\/?think>|<\|\w+\|>/g, ""));
  });
}

function withoutSpaces(text: string): string {
  return text.replace(/\s+/g, "");
}
