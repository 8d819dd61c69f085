/**
 * How long the inspector takes to open a trace and to scrub through it, in a real browser:
 * the argument is a trace, such as `trace synthesize` writes.
 */
import { readFile } from "node:fs/promises";
import { startBrowser } from "../test/support/browser";
import { openTrace } from "../test/inspector/support/inspectorPage";

const scrubs = 200;

async function main(): Promise<void> {
  const trace = await readFile(process.argv[2]);
  const browser = await startBrowser();
  const began = Date.now();
  const { page } = await openTrace(browser, trace);
  const opened = Date.now() - began;
  const frames = await page.evaluate<number[]>(scrubbing(scrubs));
  const heap = await page.evaluate<number>("performance.memory.usedJSHeapSize");
  await browser.close();
  frames.sort((a, b) => a - b);
  console.log({
    openMillis: opened,
    medianFrameMillis: frames[frames.length >> 1],
    slowestFrameMillis: frames.at(-1),
    heapMegabytes: Math.round(heap / 1e6),
  });
}

/** Steps through the run by the keyboard, one step a frame, and returns the frames' lengths. */
function scrubbing(count: number): string {
  return `new Promise((resolve) => {
    const frames = [];
    let last = performance.now();
    const step = (now) => {
      frames.push(now - last);
      last = now;
      if (frames.length > ${count}) return resolve(frames.slice(1));
      const key = frames.length % 130 === 1 ? "Home" : "]";
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  })`;
}

void main();
