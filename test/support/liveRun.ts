/** A run in the inspector while it is written: what the page gets of it, how soon, in how many messages. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page, WebSocket } from "playwright-core";
import { onlyLooking } from "../../bench/support/onlyLooking";
import { startServer } from "../../src/cli/serve/server";
import { synthesize, type SyntheticShape } from "../../src/cli/trace/synthesize";
import { InspectorHost } from "../../src/client/inspector/inspectorHost";
import { fileBytes } from "../../src/client/inspector/traceBytes";
import { startBrowser } from "./browser";
import { bundle } from "./bundle";

export interface LiveFigures {
  tokensWritten: number;
  tokensShown: number;
  /** To and from the page, each second. */
  messages: { toPage: number; fromPage: number };
  /** Milliseconds from the writer to the screen, of each token. */
  lags: number[];
  /** Messages in the last seconds of the run, while nobody sees the page. */
  whileHidden: number;
  /** How late the host's event loop was, in milliseconds. */
  hostDelay: { p99: number; longest: number };
}

const watchResolutionMillis = 5;
const hiddenMillis = 4_000;
/** As long as a busy machine may take to bring what was on its way. */
const mostUnderwayMillis = 3_000;

/** A synthetic run, written by a process of its own at that pace and served by the browser host. */
export async function watchLive(
  shape: SyntheticShape,
  tokensPerSecond: number,
): Promise<LiveFigures> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-live-"));
  const browser = await startBrowser();
  try {
    const [whole, live] = ["whole", "live"].map((name) => path.join(folder, `${name}.rkvtrace`));
    await synthesize(whole, shape);
    const millis = (shape.tokens / tokensPerSecond) * 1000;
    return await measure(browser, [whole, live, String(tokensPerSecond)], millis);
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function measure(browser: Browser, args: string[], millis: number): Promise<LiveFigures> {
  const writer = fork(bundle("test/support/pacedWriter.ts"), args);
  let isLive = true;
  writer.once("exit", () => (isLive = false));
  await once(writer, "message");
  const trace = { id: "live", name: "live", bytes: fileBytes(args[1]), isLive: () => isLive };
  const server = await startServer({
    port: 0,
    assets: "dist/webview",
    onChat: () => () => undefined,
    onInspector: (connection) =>
      Promise.resolve(
        new InspectorHost({ traces: [trace], chain: 0 }, onlyLooking).attach(connection),
      ),
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
    const messages = { toPage: 0, fromPage: 0 };
    page.on("websocket", (socket) => countMessages(socket, messages));
    await page.goto(server.newAddress("/inspector"));
    await page.waitForSelector(".page[data-layout]");
    await page.evaluate(watchTokens);
    return await follow(page, writer, messages, millis);
  } finally {
    writer.kill("SIGKILL");
    await server.close();
  }
}

/** Looks on while the run is written, and looks away for the last of it. */
async function follow(
  page: Page,
  writer: ReturnType<typeof fork>,
  messages: LiveFigures["messages"],
  millis: number,
): Promise<LiveFigures> {
  const delay = monitorEventLoopDelay({ resolution: watchResolutionMillis });
  const ended = once(writer, "message") as Promise<[number[]]>;
  Object.assign(messages, { toPage: 0, fromPage: 0 });
  delay.enable();
  writer.send("start");
  const seconds = (millis - hiddenMillis) / 1000;
  await sleep(millis - hiddenMillis);
  delay.disable();
  const perSecond = { toPage: messages.toPage / seconds, fromPage: messages.fromPage / seconds };
  const hiddenAt = Date.now();
  await page.evaluate(setVisibility("hidden"));
  await quiet(messages);
  const before = sumOf(messages);
  const [written] = await ended;
  const whileHidden = sumOf(messages) - before;
  await page.evaluate(setVisibility("visible"));
  const seen = await seenAtLast(page, written.length);
  const late = (nanos: number) => Math.max(0, nanos / 1e6 - watchResolutionMillis);
  return {
    tokensWritten: written.length,
    tokensShown: seen.at(-1)?.[0] ?? 0,
    messages: perSecond,
    lags: lagsOf(
      written.filter((at) => at < hiddenAt - 500),
      seen,
    ),
    whileHidden,
    hostDelay: { p99: late(delay.percentile(99)), longest: late(delay.max) },
  };
}

/** Resolves when what was on its way has arrived: nothing came for a while. */
async function quiet(messages: LiveFigures["messages"]): Promise<void> {
  let before = -1;
  for (const until = Date.now() + mostUnderwayMillis; before !== sumOf(messages);) {
    if (Date.now() > until) return;
    before = sumOf(messages);
    await sleep(300);
  }
}

function sumOf({ toPage, fromPage }: LiveFigures["messages"]): number {
  return toPage + fromPage;
}

/** [tokens on the screen, when], as soon as all are there, or after 30 s. */
async function seenAtLast(page: Page, tokens: number): Promise<[number, number][]> {
  const until = performance.now() + 30_000;
  for (;;) {
    const seen = await page.evaluate<[number, number][]>("window.seen");
    if (seen.at(-1)?.[0] === tokens || performance.now() > until) return seen;
    await page.waitForTimeout(100);
  }
}

function countMessages(socket: WebSocket, messages: LiveFigures["messages"]): void {
  socket.on("framereceived", () => messages.toPage++);
  socket.on("framesent", () => messages.fromPage++);
}

/** Notes, frame by frame, how many tokens are on the screen. */
const watchTokens = `
  window.seen = [];
  const slider = document.querySelector(".strip-slider");
  const look = () => {
    const tokens = Number(slider.getAttribute("aria-valuenow"));
    if (tokens !== window.seen.at(-1)?.[0]) window.seen.push([tokens, Date.now()]);
    requestAnimationFrame(look);
  };
  look();`;

const setVisibility = (state: "hidden" | "visible"): string => `
  Object.defineProperty(document, "visibilityState", {
    get: () => "${state}",
    configurable: true,
  });
  document.dispatchEvent(new Event("visibilitychange"));`;

function lagsOf(written: readonly number[], seen: readonly [number, number][]): number[] {
  return written.flatMap((at, index) => {
    const shown = seen.find(([tokens]) => tokens > index);
    return shown ? [shown[1] - at] : [];
  });
}
