/** The page itself: every number is the trace's, keys reach all of them, and it asks nobody. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { csvParseRows } from "d3";
import type { Browser, Page } from "playwright-core";
import { Random } from "../../../src/shared/random";
import { cannotStartBrowser, startBrowser } from "../../support/browser";
import { goldenCase, similarity, unitKeys } from "../../support/inspector/golden";
import { goldenTrace } from "../../support/inspector/goldenTrace";
import {
  bring,
  figureOf,
  inTheme,
  openTrace,
  syntheticTrace,
  tableOf,
  themes,
  watched,
  type Seen,
  viewsOfOneChain,
} from "../../support/inspector/inspectorPage";
import { toldSlowly, type Told } from "../../support/inspector/toldSlowly";

const shape = { tokens: 240, layers: 4, kvHeads: 2, headDim: 16, compactions: 6, budget: 48 };
const draws = 100;
/** What axe calls serious, with the element it means. */
const violations = `axe.run().then(({ violations }) => violations
  .filter(({ impact }) => ["serious", "critical"].includes(impact))
  .map(({ id, nodes }) => id + ": " + nodes[0].html))`;

describe("the inspector's page", { skip: cannotStartBrowser() }, () => {
  let browser: Browser;
  let told: Told;
  let seen: Seen;
  let page: Page;
  const random = new Random(1);
  const oneOf = <T>(things: T[]): T => things[Math.floor(random.next() * things.length)];

  before(async () => {
    browser = await startBrowser();
    const trace = await syntheticTrace({ ...shape, seed: 3 });
    told = await toldSlowly(trace);
    seen = await openTrace(browser, trace);
    page = seen.page;
  });
  after(() => browser.close());

  test("100 random tokens and cells are the trace's, two compactions before the end", async () => {
    await page.locator("[data-view=map] .figure").focus();
    for (let times = 0; times < 3; times++) await page.keyboard.press("[");
    const count = shape.compactions - 2;
    await page.getByText(`after compaction ${count}`).waitFor();
    const [, ...words] = await tableOf(page, "text");
    const [, ...cells] = await tableOf(page, "map");
    assert.equal(cells.length, told.compactions[count - 1].position);
    for (let draw = 0; draw < draws; draw++) {
      const position = Number(oneOf(words)[0]);
      const { id, logProb, text } = told.tokens[position];
      const [at, shown, shownId, , shownLogProb, share, , , ...layers] = words[position];
      assert.deepEqual([Number(at), shown, Number(shownId)], [position, text, id]);
      assert.equal(Number(shownLogProb), Number.isNaN(logProb) ? 0 : logProb);
      const held = await heldShares(position, count);
      assert.deepEqual(layers.map(Number), held);
      assert.deepEqual(cells[position].slice(2).map(Number), held);
      assert.equal(Number(share), held.reduce((sum, value) => sum + value, 0) / held.length);
    }
    await page.keyboard.press("End");
  });

  /** Layer by layer, the share of heads that hold a token. */
  async function heldShares(position: number, compactions: number): Promise<number[]> {
    const layers = Array.from({ length: shape.layers }, (_, layer) => layer);
    return Promise.all(
      layers.map(async (layer) => {
        const heads = [0, 1].map((head) => told.holds(layer, head, position, compactions));
        return (await Promise.all(heads)).filter(Boolean).length / shape.kvHeads;
      }),
    );
  }

  test("100 random scores are the trace's, with their parts, rank and verdict", async () => {
    await page.getByLabel("Layer", { exact: true }).selectOption("2");
    await page.getByLabel("KV head", { exact: true }).selectOption("1");
    await page.locator("[data-view=why]").getByText("layer 2, head 1").waitFor();
    const [, ...rows] = await tableOf(page, "why");
    const record = await told.layer(shape.compactions - 1, 2);
    const from = record.slots;
    for (let draw = 0; draw < draws; draw++) {
      const [rank, position, , ...numbers] = oneOf(rows);
      const at = from + record.positions.subarray(from).indexOf(Number(position));
      const better = record.scores.subarray(from).filter((score) => score > record.scores[at]);
      assert.equal(Number(rank), better.length + 1);
      assert.deepEqual(numbers.slice(0, 3).map(Number), [
        record.scores[at],
        ...record.parts.map(({ values }) => values[at]),
      ]);
      assert.equal(numbers.at(-1), record.retained[at] === 1 ? "retained" : "evicted");
    }
  });

  test("of a golden case the page shows the authors' scores and the cosines of its keys", async () => {
    const golden = goldenCase("case03.safetensors");
    const { tensor, meta } = golden;
    const opened = await openTrace(browser, goldenTrace(golden));
    await opened.page.locator("[data-view=why]").getByText("evicted").first().waitFor();
    const [, ...scores] = await tableOf(opened.page, "why");
    assert.equal(scores.length, tensor("score").shape[1]);
    for (const [, position, , score] of scores)
      assert.equal(Number(score), tensor("score").values[Number(position)]);
    const [, slots, headDim] = tensor("key").shape;
    const keys = unitKeys(
      (tensor("key").values as Float32Array).slice(0, slots * headDim),
      headDim,
    );
    const cosines = similarity(keys, slots, headDim);
    await opened.page.locator(`[data-position="${slots - 1}"]`).click();
    const [columns, ...rows] = await tableOf(opened.page, "redundancy");
    const near = rows.filter(({ length }) => length === columns.length);
    const row = [...cosines.subarray((slots - 1) * slots)];
    const clear = row.filter((value) => value > Number(meta.threshold) + 0.01);
    assert.ok(near.length >= clear.length);
    for (const [, , , at, cosine] of near) {
      assert.ok(Number(cosine) > Number(meta.threshold));
      assert.ok(Math.abs(Number(cosine) - row[Number(at)]) < 2e-3, "keys are stored as halves");
    }
    assert.deepEqual(opened.complaints, []);
    await opened.page.close();
  });

  test("arrow keys select tokens and layers, Shift selects several, C copies their numbers", async () => {
    await page.getByLabel("Layer", { exact: true }).selectOption("0");
    await page.locator("[data-view=map] .figure").focus();
    await page.keyboard.press("Escape");
    for (const key of ["ArrowRight", "ArrowRight", "ArrowDown"]) await page.keyboard.press(key);
    const words = page.locator(".foot .words");
    await words.filter({ hasText: /at 1: held by \d of 2 heads of layer 1/ }).waitFor();
    await page.keyboard.press("Shift+ArrowRight");
    await page.evaluate("navigator.clipboard.writeText = (text) => { window.copied = text; }");
    await page.keyboard.press("c");
    const copied = await page.evaluate<string>("window.copied");
    const [header, ...rows] = copied.split("\n").map((line) => line.split("\t"));
    assert.equal(header[0], "position");
    assert.deepEqual(
      rows.map(([position]) => position),
      ["1", "2"],
    );
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keys" });
    await help.waitFor();
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "hidden" });
  });

  test("axe finds no serious violation in any theme", async () => {
    await page.evaluate(readFileSync(createRequire(__filename).resolve("axe-core"), "utf8"));
    for (const theme of themes) {
      await inTheme(page, theme);
      assert.deepEqual(await page.evaluate<string[]>(violations), [], theme);
    }
  });

  test("each view has its numbers as a table, and exports them as CSV, PNG and SVG with vector text", async () => {
    for (const view of viewsOfOneChain) {
      await bring(page, view);
      const [columns] = await tableOf(page, view);
      assert.ok(columns.length > 1, view);
      const numbers = await figureOf(page, view, "CSV");
      if (!numbers) continue;
      assert.deepEqual(csvParseRows(String(numbers))[0], columns, view);
      const picture = await figureOf(page, view, "PNG");
      assert.equal(picture?.toString("latin1", 1, 4), "PNG", view);
      assert.match(String(await figureOf(page, view, "SVG")), /^<svg[^]*<\/svg>$/, view);
    }
    assert.match(String(await figureOf(page, "map", "SVG")), /<text[^>]*>Prompt<\/text>/);
    assert.match(String(await figureOf(page, "text", "SVG")), /<text[^>]*>Step 1<\/text>/);
  });

  test("the saved page shows the same, in a file of its own, and asks the network for nothing", async () => {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as page" }).click();
    const file = path.join(path.dirname(await (await download).path()), "saved.html");
    await writeFile(file, await readFile(await (await download).path()));
    const copy = await watched(browser, { width: 1600, height: 1000 });
    await copy.page.goto(pathToFileURL(file).href);
    await copy.page
      .locator("[data-view=map]")
      .getByText(`after compaction ${shape.compactions}`)
      .waitFor();
    for (const { requests, complaints } of [seen, copy]) {
      assert.deepEqual(
        requests.filter((address) => !/^(file|data|blob):/.test(address)),
        [],
      );
      assert.deepEqual(complaints, []);
    }
    await copy.page.close();
  });
});
