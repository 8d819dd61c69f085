/** T2: damaged and hostile traces, through the reader and its counts, and some through the page. */
import { mutants, survives } from "../support/inspector/mutants";
import { FramedInspector } from "../support/inspector/framedInspector";
import { cannotStartBrowser, startBrowser } from "../support/browser";
import type { Attack } from "./attack";

/** One mutant of so many is drawn in the page as well. */
const perDrawn = 25;
const mostSeconds = 1;

export const mutatedTraces: Attack = {
  id: "T2",
  what: "mutated traces: flipped, cut, shuffled, and claiming what no run has",
  goal: "no fault; none takes more than 1 s, in the reader or in the page; the page below 400 MB",
  short: { inTests: "test/webview/inspector/mutants.test.ts" },
  long: 50_000,
  absent: () => cannotStartBrowser() || undefined,
  run: async (times, chance, tell) => {
    const next = await mutants(chance);
    const browser = await startBrowser();
    try {
      const page = new FramedInspector(browser);
      const slowest = { read: 0, drawn: 0 };
      let refused = 0;
      for (let made = 0; made < times; made++) {
        const mutant = next();
        const began = process.cpuUsage();
        if (!(await survives(mutant))) refused++;
        slowest.read = Math.max(slowest.read, process.cpuUsage(began).user / 1e6);
        if (made % perDrawn === 0) slowest.drawn = Math.max(slowest.drawn, await page.open(mutant));
        if (made % 1000 === 0) tell(`${made} mutants, ${await page.megabytes()} MB in the page`);
      }
      if (slowest.read > mostSeconds) throw new Error(`One took ${slowest.read} s to read.`);
      return `${times} read (${refused} refused at once, slowest ${slowest.read.toFixed(2)} s), ${Math.ceil(times / perDrawn)} drawn (slowest ${slowest.drawn.toFixed(2)} s of work, ${await page.megabytes()} MB)`;
    } finally {
      await browser.close();
    }
  },
};
