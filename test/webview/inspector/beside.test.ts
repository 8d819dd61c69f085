/** Two real runs of one prompt side by side, and one of them replayed with the full cache from the page. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { type RunningServer, startServer } from "../../../src/cli/serve/server";
import {
  InspectorHost,
  type InspectorSurroundings,
} from "../../../src/client/inspector/inspectorHost";
import { fileBytes, type OpenTrace } from "../../../src/client/inspector/traceBytes";
import { replayTrace } from "../../../src/engine/replay/replay";
import { defaultSamplingSettings, type PolicyName } from "../../../src/shared/settings/settings";
import { cacheOf, randomIds, readTrace, tinyFolder, TinyRuns } from "../../support/engine/tinyRuns";
import { cannotStartBrowser, startBrowser } from "../../support/browser";
import {
  atWidth,
  bring,
  inTheme,
  tableOf,
  themes,
  watched,
  viewsOfOneChain,
} from "../../support/inspector/inspectorPage";
import { assertReadable } from "../../support/inspector/readable";
import { type Told, toldSlowly } from "../../support/inspector/toldSlowly";

const sampling = { ...defaultSamplingSettings, temperature: 1, seed: 3 };

describe("two runs of one prompt", { skip: cannotStartBrowser() }, () => {
  let browser: Browser;
  let server: RunningServer;
  let page: Page;
  let complaints: string[];
  let files: string[];
  let told: Told[];

  before(async () => {
    const runs = await TinyRuns.open();
    const traced = async (policy: PolicyName): Promise<string> => {
      const asked = { ids: randomIds(20), sampling, maxTokens: 80, cache: cacheOf({ policy }) };
      return (await runs.traced(asked)).traceFile;
    };
    files = [await traced("rkv"), await traced("streaming-llm")];
    await runs.close();
    told = await Promise.all(files.map(async (file) => toldSlowly(await readFile(file))));
    server = await startServer({
      port: 0,
      assets: "dist/webview",
      onChat: () => () => undefined,
      onInspector: (connection) =>
        Promise.resolve(
          new InspectorHost({ traces: files.map(opened), chain: 0 }, replaying(files)).attach(
            connection,
          ),
        ),
    });
    browser = await startBrowser();
    ({ page, complaints } = await watched(browser));
    await page.goto(server.newAddress("/inspector"));
    await bring(page, "compare");
  });
  after(async () => {
    await browser.close();
    await server.close();
  });

  test("says where they part, and how much of what either holds is held by both", async () => {
    const common = partingOf(told);
    assert.ok(common > 20 && common < 100, `they part at ${common}`);
    const view = page.locator("[data-view=compare]");
    await view.getByText(`the same for ${common} tokens and part at`).waitFor();
    const share = Math.round(100 * (await agreement(told, common)));
    await view.getByText(`both hold ${share} % of what either holds`).waitFor();
  });

  test("the table tells both runs' lengths and compactions", async () => {
    const rows = new Map((await tableOf(page, "compare")).map(([name, ...both]) => [name, both]));
    assert.deepEqual(
      rows.get("tokens"),
      told.map(({ tokens }) => String(tokens.length)),
    );
    const counts = told.map(({ compactions }) => String(compactions.length));
    assert.deepEqual(rows.get("compactions"), counts);
  });

  test("a replay from the page shows what forgetting cost, to the last number of the trace", async () => {
    await bring(page, "cost");
    await page.getByRole("button", { name: "Replay with the full cache" }).click();
    await page.getByText(/In the mean the next token's probabilities are/).waitFor();
    const found = (await readTrace(files[0])).all("divergence");
    const [header, ...rows] = await tableOf(page, "cost");
    const [{ firstPosition }] = found;
    const values = found.flatMap(({ kl }) => [...kl]);
    const lost = found.flatMap(({ lostAttention }) => [...lostAttention]);
    const heads = lost.length / values.length;
    const firstHead = header.indexOf("lost in L0·0");
    assert.equal(values.length, 80);
    values.forEach((kl, index) => {
      const [position, , shown, ...rest] = rows[firstPosition + index];
      const shares = rest.slice(firstHead - 3);
      assert.deepEqual([Number(position), Number(shown)], [firstPosition + index, kl]);
      assert.deepEqual(shares.map(Number), lost.slice(index * heads, (index + 1) * heads));
    });
  });

  test("every view can be read in four themes, and in one of them at five widths", async () => {
    mkdirSync("dist/screenshots", { recursive: true });
    for (const theme of themes) {
      await inTheme(page, theme);
      for (const width of theme === "dark" ? [320, 480, 700, 1100, 1600] : [1100]) {
        await atWidth(page, width);
        for (const name of viewsOfOneChain) {
          await bring(page, name);
          await assertReadable(page, `${name} at ${width} in ${theme}`);
          const file = `replayed-${name}-${theme}-${width}.png`;
          await page.screenshot({ path: `dist/screenshots/${file}` });
        }
      }
    }
    assert.deepEqual(complaints, []);
  });

  test("and in a low window", async () => {
    await page.setViewportSize({ width: 800, height: 560 });
    await page.waitForSelector("[data-layout=beside]");
    for (const name of viewsOfOneChain) {
      await bring(page, name);
      await assertReadable(page, name);
    }
  });
});

const opened = (file: string, index: number): OpenTrace => ({
  id: String(index),
  name: `run ${index}`,
  bytes: fileBytes(file),
  isLive: () => false,
});

function replaying(files: string[]): InspectorSurroundings {
  const refuse = (): Promise<never> => Promise.reject(new Error("not part of this test"));
  return {
    abilities: { replay: true, compare: true, reveal: false, follow: false },
    replay: (trace, onProgress) =>
      replayTrace(
        { run: "replay", traceFile: files[Number(trace)], folder: tinyFolder, device: "cpu" },
        { run: "replay", cache: cacheOf(), isCancelled: false },
        (done, total) => Promise.resolve(onProgress(done, total)),
      ),
    cancelReplay: refuse,
    pickComparison: refuse,
    saveFile: refuse,
    copy: refuse,
    viewer: refuse,
    reveal: refuse,
    openAnother: refuse,
  };
}

function partingOf([a, b]: Told[]): number {
  return a.tokens.findIndex(({ id }, position) => id !== b.tokens[position].id);
}

/** What both hold as a share of what either holds, over all heads, when the text was so long. */
async function agreement(told: Told[], tokens: number): Promise<number> {
  const { layers, kvHeads } = told[0].reader.header;
  let [both, either] = [0, 0];
  for (let layer = 0; layer < layers; layer++)
    for (let head = 0; head < kvHeads; head++) {
      const [mine, theirs] = await Promise.all(told.map((one) => heldBy(one, layer, head, tokens)));
      both += mine.filter((held, position) => held && theirs[position]).length;
      either += mine.filter((held, position) => held || theirs[position]).length;
    }
  return both / either;
}

function heldBy(told: Told, layer: number, head: number, tokens: number): Promise<boolean[]> {
  const compactions = told.compactions.filter(({ position }) => position <= tokens).length;
  return Promise.all(
    Array.from({ length: tokens }, (_, position) => told.holds(layer, head, position, compactions)),
  );
}
