/** Somebody types in the chat's composer, and the browser's own clocks say how soon a key shows. */
import type { Page } from "playwright-core";

const betweenKeysMillis = 150;

/** Counts keys until they are painted, and the longest tasks. */
const observe = `
  window.keys = [];
  window.tasks = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      if (entry.name === "keydown") keys.push(entry.duration);
  }).observe({ type: "event", durationThreshold: 16, buffered: false });
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: "longtask" });`;

/** What the page's clocks saw, in milliseconds. */
export interface Seen {
  /** From each key to its paint, rising. */
  keys: number[];
  tasks: number[];
}

export async function observeTyping(page: Page): Promise<void> {
  await page.waitForSelector(".composer .chip");
  await page.evaluate(observe);
}

/** Types into what has the focus for as long as something goes on. */
export async function typeWhile(page: Page, goesOn: () => boolean): Promise<Seen> {
  await page.evaluate("keys.length = tasks.length = 0");
  let pressed = 0;
  while (goesOn()) {
    await page.keyboard.press("abcdefgh "[pressed % 9]);
    pressed += 1;
    await page.waitForTimeout(betweenKeysMillis);
  }
  const reported = await page.evaluate<number[]>("keys");
  // The browser reports only those of 16 ms and more.
  const quick = Array<number>(Math.max(0, pressed - reported.length)).fill(16);
  const keys = [...reported, ...quick].sort((a, b) => a - b);
  return { keys, tasks: await page.evaluate<number[]>("tasks") };
}

/** share: 0 to 1 of the keys that were painted no later. */
export function quantile(keys: readonly number[], share: number): number {
  return keys[Math.floor((keys.length - 1) * share)];
}
