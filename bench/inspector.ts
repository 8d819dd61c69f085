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
    if (turn === 1) {
      const busy = await busySeconds(page);
      rows.push(...(await clicks(page, busy)), ...(await moves(browser, page, busy)));
    }
    await page.close();
  }
  printTable("16,384 tokens × 28 layers × 2 KV heads × 128 compactions in the inspector", rows);
}

/** Of the page's thread since it was opened, in seconds. */
type Meter = () => Promise<number>;

async function busySeconds(page: Page): Promise<Meter> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.setTimeDomain", { timeDomain: "threadTicks" });
  await session.send("Performance.enable");
  return async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN;
  };
}

const turns = 10;

/** From a choice to the redundancy map of it, the sentence included: another each time. */
async function clicks(page: Page, busy: Meter): Promise<Row[]> {
  const rows: Row[] = [];
  // From the end of the text, the compaction before is the one that is shown.
  await page.evaluate(compaction);
  await page.waitForTimeout(2000);
  for (const [what, script] of Object.entries({ layer, head, compaction })) {
    const millis: number[] = [];
    const before = await busy();
    for (let turn = 0; turn < turns; turn++) {
      millis.push(await page.evaluate<number>(untilShown(script)));
      await page.waitForTimeout(300);
    }
    rows.push({
      what: `redundancy of another ${what}`,
      measured: inWords(millis, "click to picture"),
      work: `${(((await busy()) - before) * (1000 / turns)).toFixed(0)} ms each`,
    });
  }
  return rows;
}

const pick = (label: string): string => `
  const list = document.querySelector('select[aria-label="${label}"]');
  list.selectedIndex = (list.selectedIndex + 1) % list.options.length;
  list.dispatchEvent(new Event("change"));`;
const layer = pick("Layer");
const head = pick("KV head");
const compaction = `document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "[", bubbles: true }));`;

/** Milliseconds until the map says what it said not before, and was drawn. */
function untilShown(choose: string): string {
  return `new Promise((resolve, reject) => {
    const said = () => /layer \\d+, head \\d+ at compaction \\d+/.exec(
      document.querySelector("[data-view=redundancy] .sentence").textContent)?.[0];
    const before = said();
    const began = performance.now();
    ${choose}
    const look = () => {
      const passed = performance.now() - began;
      if (said() !== undefined && said() !== before) return requestAnimationFrame(() => resolve(performance.now() - began));
      if (passed > 10_000) return reject(new Error("The map did not change."));
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  })`;
}

/** `work` is processor time of the page's thread: script, style, layout and paint. */
type Row = Record<"what" | "measured" | "work", string>;

async function moves(browser: Browser, page: Page, busy: Meter): Promise<Row[]> {
  await page.waitForTimeout(2000);
  const rows: Row[] = [];
  for (const [what, script] of Object.entries({ scrub, pan })) {
    const before = await busy();
    const measured = inWords(await page.evaluate<number[]>(walk(script)));
    const perFrame = ((await busy()) - before) * (1000 / frames);
    rows.push({ what, measured, work: `${perFrame.toFixed(1)} ms a frame` });
  }
  return [...rows, { what: "memory", ...(await memoryOf(browser, page)) }];
}

function inWords(lengths: number[], what = "frames"): string {
  lengths.sort((a, b) => a - b);
  const at = (share: number): string =>
    lengths[Math.floor((lengths.length - 1) * share)].toFixed(1);
  return `${what}: ${at(0.5)} ms (median), ${at(0.95)} (p95), ${at(1)} (longest)`;
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
