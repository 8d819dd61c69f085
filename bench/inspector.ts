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
  // One for both pages: the address opens a single browser.
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 } });
  for (let turn = 0; turn < 2; turn++) {
    const page = await context.newPage();
    const began = Date.now();
    await page.goto(address);
    await page.waitForSelector("[data-view=map] .frames rect");
    const first = Date.now() - began;
    await page.waitForSelector(".banners progress[hidden]", {
      state: "attached",
      timeout: 120_000,
    });
    const all = Date.now() - began;
    rows.push({
      what: "open",
      measured: `first picture ${first} ms, all of it ${all} ms`,
      work: "",
    });
    if (turn === 1) rows.push(...(await moves(browser, page)));
    await page.close();
  }
  printTable("16,384 tokens × 28 layers × 2 KV heads × 128 compactions in the inspector", rows);
}

/** `work` is processor time of the page's thread: script, style, layout and paint. */
type Row = Record<"what" | "measured" | "work", string>;

async function moves(browser: Browser, page: Page): Promise<Row[]> {
  await page.waitForTimeout(2000);
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.setTimeDomain", { timeDomain: "threadTicks" });
  await session.send("Performance.enable");
  const busySeconds = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN;
  };
  const rows: Row[] = [];
  for (const [what, script] of Object.entries({ scrub, pan })) {
    const before = await busySeconds();
    const measured = inWords(await page.evaluate<number[]>(walk(script)));
    const perFrame = ((await busySeconds()) - before) * (1000 / frames);
    rows.push({ what, measured, work: `${perFrame.toFixed(1)} ms a frame` });
  }
  return [...rows, { what: "memory", ...(await memoryOf(browser, page)) }];
}

function inWords(lengths: number[]): string {
  lengths.sort((a, b) => a - b);
  const at = (share: number): string =>
    lengths[Math.floor((lengths.length - 1) * share)].toFixed(1);
  return `frames of ${at(0.5)} ms (median), ${at(0.95)} (p95), ${at(1)} (longest)`;
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

/** Takes one step a frame. Gives the frames' lengths in milliseconds. */
function walk(prepare: string): string {
  return `new Promise((resolve) => {
    const move = (() => {${prepare}})();
    const lengths = [];
    let last = performance.now();
    const step = (now) => {
      if (lengths.length >= ${frames}) return resolve(lengths.slice(2));
      lengths.push(now - last);
      last = now;
      move(lengths.length / ${frames});
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
