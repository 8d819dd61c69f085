/**
 * A run of 200 tokens a second in the inspector: how long a token takes from the writer to the
 * screen, and how many messages that takes. The trace is a synthetic one, written anew at that pace
 * by the writer of every run, and served by the browser host.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Page, WebSocket } from "playwright-core";
import { startServer } from "../src/cli/serve/server";
import { synthesize } from "../src/cli/trace/synthesize";
import { InspectorHost } from "../src/client/inspector/inspectorHost";
import { fileBytes } from "../src/client/inspector/traceBytes";
import { TraceWriter } from "../src/engine/trace/traceWriter";
import { bytesInMemory } from "../src/shared/trace/byteSource";
import { TraceReader } from "../src/shared/trace/reader";
import type { TraceRecord } from "../src/shared/trace/records";
import { startBrowser } from "../test/support/browser";
import { onlyLooking } from "./support/onlyLooking";
import { median, printTable } from "./support/table";

const tokensPerSecond = 200;
const shape = { tokens: 3_000, layers: 28, kvHeads: 2, headDim: 128, compactions: 22, budget: 256 };

async function main(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-bench-"));
  const browser = await startBrowser();
  try {
    await measure(browser, folder);
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function measure(browser: Browser, folder: string): Promise<void> {
  const { reader, records } = await recordsOf(path.join(folder, "whole.rkvtrace"));
  const file = path.join(folder, "live.rkvtrace");
  const writer = await TraceWriter.create(file, reader.header);
  let isLive = true;
  const trace = { id: "live", name: "live", bytes: fileBytes(file), isLive: () => isLive };
  const server = await startServer({
    port: 0,
    assets: "dist/webview",
    onChat: () => () => undefined,
    onInspector: (connection) =>
      Promise.resolve(new InspectorHost([trace], onlyLooking).attach(connection)),
  });
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  const messages = { toPage: 0, fromPage: 0 };
  page.on("websocket", (socket) => countMessages(socket, messages));
  await page.goto(server.newAddress("/inspector"));
  await page.waitForSelector(".page[data-layout]");
  await page.evaluate(watchTokens);
  Object.assign(messages, { toPage: 0, fromPage: 0 });
  const written = await writePaced(writer, records);
  const seconds = (written[written.length - 1] - written[0]) / 1000;
  const { toPage, fromPage } = messages;
  const lags = await lagsOf(page, written);
  Object.assign(messages, { toPage: 0, fromPage: 0 });
  await page.evaluate(hide);
  await page.waitForTimeout(500);
  const before = { ...messages };
  await page.waitForTimeout(2000);
  isLive = false;
  await writer.close();
  await server.close();
  lags.sort((a, b) => a - b);
  printTable(
    `A live run of ${tokensPerSecond} tokens/s, ${shape.layers} layers × 2 KV heads × 128`,
    [
      {
        "messages/s to the page": (toPage / seconds).toFixed(1),
        "messages/s from the page": (fromPage / seconds).toFixed(1),
        "token to screen, median": `${median(lags).toFixed(0)} ms`,
        p95: `${lags[Math.floor(lags.length * 0.95)].toFixed(0)} ms`,
        "messages in 2 s while hidden": String(
          messages.toPage + messages.fromPage - before.toPage - before.fromPage,
        ),
      },
    ],
  );
}

/** All records of a synthetic trace, tokens one by one. */
async function recordsOf(file: string) {
  await synthesize(file, { ...shape, seed: 1 });
  const reader = await TraceReader.open(bytesInMemory(await readFile(file)));
  const records: (() => Promise<TraceRecord | undefined>)[] = [];
  await reader.refresh((item) => {
    if (item.type === "tokens")
      item.texts.forEach((text, at) => {
        const one = { ...item, firstPosition: item.firstPosition + at, texts: [text] };
        const [ids, logProbs, millis] = [item.ids, item.logProbs, item.millis].map((column) =>
          column.slice(at, at + 1),
        );
        records.push(() => Promise.resolve({ ...one, ids, logProbs, millis } as TraceRecord));
      });
    else if (item.type === "compactionLayer") {
      records.push(() => reader.layer(0, item.compaction, item.layer));
    } else records.push(() => Promise.resolve(item));
  });
  return { reader, records: await Promise.all(records.map((record) => record())) };
}

/** Writes tokens at their pace, all else at once. @returns when each token was written, in ms */
async function writePaced(
  writer: TraceWriter,
  records: (TraceRecord | undefined)[],
): Promise<number[]> {
  const written: number[] = [];
  const began = Date.now();
  for (const record of records) {
    if (record?.type === "tokens") {
      const due = began + (written.length * 1000) / tokensPerSecond;
      if (due > Date.now()) await new Promise((resolve) => setTimeout(resolve, due - Date.now()));
      written.push(Date.now());
    }
    if (record) writer.write(record);
  }
  return written;
}

function countMessages(socket: WebSocket, messages: { toPage: number; fromPage: number }): void {
  socket.on("framereceived", () => messages.toPage++);
  socket.on("framesent", () => messages.fromPage++);
}

/** Notes, frame by frame, how many tokens are on the screen. */
const watchTokens = `
  window.seen = [];
  const cell = [...document.querySelectorAll(".figures div")]
    .find((row) => row.firstChild.textContent === "tokens").lastChild;
  const look = () => {
    const tokens = Number(cell.textContent.replace(/\\D/g, ""));
    if (tokens !== window.seen.at(-1)?.[0]) window.seen.push([tokens, Date.now()]);
    requestAnimationFrame(look);
  };
  look();`;

const hide = `
  Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
  document.dispatchEvent(new Event("visibilitychange"));`;

async function lagsOf(page: Page, written: number[]): Promise<number[]> {
  await page.waitForTimeout(1500);
  const seen = await page.evaluate<[number, number][]>("window.seen");
  return written.flatMap((at, index) => {
    const shown = seen.find(([tokens]) => tokens > index);
    return shown ? [shown[1] - at] : [];
  });
}

void main();
