/** What a page costs, whatever else the machine does: its thread's processor time, its memory. */
import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";

export interface PageMeter {
  /** Processor time of the page's main thread since it was opened. */
  seconds(): Promise<number>;
  /** What the process of the largest page holds for itself alone, in MB. */
  megabytes(): Promise<number>;
}

export async function meterOf(browser: Browser, page: Page): Promise<PageMeter> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const process = await browser.newBrowserCDPSession();
  return {
    seconds: async () => {
      const { metrics } = await session.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN;
    },
    megabytes: async () => {
      const { processInfo } = await process.send("SystemInfo.getProcessInfo");
      const pages = processInfo.filter(({ type }) => type === "renderer");
      const held = await Promise.all(pages.map(({ id }) => anonymousKilobytes(id)));
      return Math.round(Math.max(...held) / 1024);
    },
  };
}

/** Of a process of this machine: 0 for one that has ended. */
async function anonymousKilobytes(id: number): Promise<number> {
  const status = await readFile(`/proc/${id}/status`, "utf8").catch(() => "");
  return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0);
}
