/**
 * 500 tokens a second for a minute, from an engine process through the client and the browser host
 * into the page, while somebody types there: what arrives, in how many messages, how soon a key
 * shows on the screen, and how long the host's event loop is kept.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Page } from "playwright-core";
import { startBrowser } from "../test/support/browser";
import { bundle } from "../test/support/bundle";
import { serveEngine } from "../test/support/servedChat";
import { streamedTokens, thinkingTokens } from "./support/streamedText";
import { printTable } from "./support/table";
import { observeTyping, quantile, type Seen, typeWhile } from "./support/typing";

async function main(): Promise<void> {
  const browser = await startBrowser();
  const served = await serveEngine(bundle("bench/support/streamEngine.ts"));
  try {
    const page = await browser.newPage({ viewport: { width: 420, height: 900 } });
    const messages: number[] = [];
    page.on("websocket", (socket) =>
      socket.on("framereceived", () => void messages.push(performance.now())),
    );
    await page.goto(served.server.newAddress());
    await observeTyping(page);
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const { keys, tasks } = await typeWhileItStreams(page, served.chat.session);
    delay.disable();
    const { metrics } = await session.send("Performance.getMetrics");
    const work = metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN;
    const said = served.chat.session.state.conversation.turns[0].answer;
    printTable("500 tokens/s for 60 s through client, host and page", [
      row("text held by the host is the engine's", String(isWhole(said))),
      row("page after the stream is the page drawn anew", String(await isDrawnAlike(page))),
      row("messages to the page", inSeconds(messages)),
      row("key to paint", latencies(keys)),
      row("tasks over 50 ms in the page", tasksInWords(tasks)),
      row("processor time of the page's thread", `${work.toFixed(1)} s`),
      row("event loop of the host", `p99 ${(delay.percentile(99) / 1e6 - 5).toFixed(1)} ms late`),
    ]);
  } finally {
    await browser.close();
    await served.close();
  }
}

function row(what: string, measured: string): Record<"what" | "measured", string> {
  return { what, measured };
}

async function typeWhileItStreams(page: Page, session: { isRunning: boolean }): Promise<Seen> {
  const box = page.getByLabel("Your question", { exact: true });
  await box.fill("go");
  await box.press("Enter");
  await page.locator(".thinkingTail").waitFor();
  const seen = await typeWhile(page, () => session.isRunning);
  await page.locator(".turn[aria-busy=false] .answerFooter").waitFor();
  return seen;
}

function isWhole({ thinking, text }: { thinking: string; text: string }): boolean {
  const tokens = streamedTokens();
  return (
    thinking === tokens.slice(0, thinkingTokens).join("") &&
    text === tokens.slice(thinkingTokens).join("")
  );
}

async function isDrawnAlike(page: Page): Promise<boolean> {
  const drawn = (): Promise<string> =>
    page.evaluate(`document.querySelector(".markdown").textContent`);
  const streamed = await drawn();
  await page.reload();
  await page.locator(".turn .answerFooter").waitFor();
  return (await drawn()) === streamed;
}

function inSeconds(times: number[]): string {
  const counts = new Map<number, number>();
  for (const time of times) {
    const second = Math.floor((time - times[0]) / 1_000);
    counts.set(second, (counts.get(second) ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  return `${(times.length / counts.size).toFixed(0)} a second, at most ${most}`;
}

function latencies(keys: number[]): string {
  const at = (share: number): string => `${quantile(keys, share)} ms`;
  return `median ${at(0.5)}, p95 ${at(0.95)}, longest ${at(1)} (${keys.length} keys)`;
}

function tasksInWords(tasks: number[]): string {
  const sum = tasks.reduce((total, task) => total + task, 0);
  return `${tasks.length}, longest ${Math.max(0, ...tasks)} ms, ${(sum / 1000).toFixed(1)} s in all`;
}

void main();
