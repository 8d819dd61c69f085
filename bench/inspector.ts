/**
 * How long the inspector takes to open a large trace through the browser host, by range, and to
 * scrub and pan through it, in a real browser that paints in software.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Browser, Page } from "playwright-core";
import { startBrowser } from "../test/support/browser";
import { printTable } from "./support/table";

const frames = 240;

async function main(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-bench-"));
  const browser = await startBrowser();
  try {
    const trace = path.join(folder, "large.rkvtrace");
    spawnSync(process.execPath, ["dist/cli.js", "trace", "synthesize", trace], {
      stdio: "inherit",
    });
    const server = spawn(
      process.execPath,
      ["dist/cli.js", "serve", trace, "--no-open", "--storage", folder],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    try {
      const [line] = (await once(createInterface(server.stdout), "line")) as [string];
      await measure(browser, /http:\S+/.exec(line)?.[0] ?? "");
    } finally {
      server.kill();
    }
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function measure(browser: Browser, address: string): Promise<void> {
  const rows: Row[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
    const began = Date.now();
    await page.goto(address);
    await page.waitForSelector("[data-view=map] .frames rect");
    rows.push({ what: "open to first picture", measured: `${Date.now() - began} ms`, work: "" });
    if (turn < 2) await page.close();
    else {
      for (const [name, script] of Object.entries({ scrub, pan }))
        rows.push({ what: name, ...inWords(await page.evaluate<Frame[]>(walk(script))) });
      rows.push({ what: "memory of the page", ...(await memoryOf(browser, page)) });
    }
  }
  printTable("16,384 tokens × 28 layers × 2 KV heads × 128 compactions in the inspector", rows);
}

/** `work` is that of the page's thread in a frame: script, style, layout and paint. */
type Row = Record<"what" | "measured" | "work", string>;

/** In milliseconds. */
interface Frame {
  /** Since the frame before. */
  length: number;
  work: number;
}

function inWords(walked: Frame[]): Omit<Row, "what"> {
  const say = (values: number[]): string => {
    values.sort((a, b) => a - b);
    const at = (share: number): string =>
      values[Math.floor((values.length - 1) * share)].toFixed(1);
    return `median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms`;
  };
  return {
    measured: say(walked.map(({ length }) => length)),
    work: say(walked.map(({ work }) => work)),
  };
}

/** Drags the scrubber over the whole run and back. */
const scrub = `
  const strip = document.querySelector(".strip .figure").getBoundingClientRect();
  const event = (type, share) => new MouseEvent(type, { bubbles: true, view: window, clientY: strip.y + 60,
    clientX: strip.x + 62 + share * (strip.width - 76) });
  document.querySelector(".strip .figure").dispatchEvent(event("mousedown", 1));
  return (share) => window.dispatchEvent(event("mousemove", Math.abs(1 - 2 * share)));`;

/** Zooms in and pans from the left to the right. */
const pan = `
  window.dispatchEvent(new MouseEvent("mouseup", { view: window }));
  const map = document.querySelector("[data-view=map] .figure");
  const wheel = (change) => map.dispatchEvent(new WheelEvent("wheel", { bubbles: true, cancelable: true, ...change }));
  const key = (name) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
  for (let times = 0; times < 3; times++) key("+");
  return (share) => wheel({ deltaX: share < 0.5 ? 60 : -60 });`;

/** Takes one step a frame. Work ends with the first task after the frame was painted. */
function walk(prepare: string): string {
  return `new Promise((resolve) => {
    const move = (() => {${prepare}})();
    const found = [];
    const channel = new MessageChannel();
    let began = performance.now();
    channel.port1.onmessage = () => { found[found.length - 1].work = performance.now() - began; };
    const step = (now) => {
      if (found.length > ${frames}) return resolve(found.slice(2));
      found.push({ length: now - (found.last ?? now), work: 0 });
      found.last = now;
      began = performance.now();
      channel.port2.postMessage(0);
      move(found.length / ${frames});
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  })`;
}

/** Heap and buffers of the page, and what its process holds for itself alone. */
async function memoryOf(browser: Browser, page: Page): Promise<Omit<Row, "what">> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const own = await Promise.all(
    processInfo
      .filter(({ type }) => type === "renderer")
      .map(async ({ id }) => {
        const status = await readFile(`/proc/${id}/status`, "utf8");
        return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]) / 1024;
      }),
  );
  const heap = await page.evaluate<number>("performance.memory.usedJSHeapSize");
  return {
    measured: `${Math.round(Math.max(...own))} MiB of its process`,
    work: `${Math.round(heap / 2 ** 20)} MiB of JavaScript heap`,
  };
}

void main();
