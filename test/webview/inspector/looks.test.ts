/** How the page looks: four themes, five widths, empty and full. Where words go: layOut.test.ts. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { encodeHeader, encodeRecords } from "../../../src/shared/trace/encode";
import type { TraceRecord } from "../../../src/shared/trace/records";
import { cannotStartBrowser, startBrowser } from "../../support/browser";
import {
  atWidth,
  bring,
  inTheme,
  openTrace,
  syntheticTrace,
  themes,
  viewsOfOneChain,
} from "../../support/inspector/inspectorPage";
import { assertReadable } from "../../support/inspector/readable";
import { headerOf, tokensRecord } from "../../support/inspector/sampleRun";

const shape = { layers: 4, kvHeads: 2, headDim: 16, budget: 80, seed: 3 };
const widths = [320, 480, 700, 1100, 1600];
const folder = "dist/screenshots";

describe("how the inspector looks", { skip: cannotStartBrowser() }, () => {
  let browser: Browser;
  before(async () => {
    mkdirSync(folder, { recursive: true });
    browser = await startBrowser();
  });
  after(() => browser.close());

  /** Without a token, everything is words in the place of pictures: one theme shows where they go. */
  const traces = {
    0: { made: () => Promise.resolve(shortTrace(0)), shownIn: themes.slice(0, 1) },
    10000: {
      made: () => syntheticTrace({ ...shape, tokens: 10_000, compactions: 80 }),
      shownIn: themes,
    },
  };
  for (const [tokens, { made, shownIn }] of Object.entries(traces))
    test(`${tokens} tokens: every view at five widths, in ${shownIn.join(", ")}, and all can be read`, async () => {
      const { page, complaints } = await openTrace(browser, await made());
      for (const theme of shownIn) {
        await inTheme(page, theme);
        for (const width of widths) {
          await atWidth(page, width);
          const file = path.join(folder, `inspector-${tokens}-${theme}-${width}.png`);
          await page.screenshot({ path: file });
          const look = (name: string) => assertReadable(page, `${name} at ${width} in ${theme}`);
          await (theme === "dark" ? eachView(page, look) : look("all"));
        }
      }
      assert.deepEqual(complaints, []);
      await page.close();
    });

  test("a file that is no trace says so", async () => {
    const { page } = await openTrace(browser, new TextEncoder().encode("not a trace at all"));
    await page.getByText("not an R-KV Lens trace").waitFor();
    await page.close();
  });
});

async function eachView(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  for (const name of viewsOfOneChain) {
    await bring(page, name);
    await look(name);
  }
}

/** The synthesizer makes no trace without compactions; a short one is the beginning of a long one. */
function shortTrace(tokens: number): Uint8Array {
  const record = tokensRecord(tokens) as TraceRecord;
  return Buffer.concat([encodeHeader(headerOf(shape)), encodeRecords(tokens > 0 ? [record] : [])]);
}
