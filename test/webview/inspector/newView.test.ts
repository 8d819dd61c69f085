/** A view is a file and a row: with both, it has its tab, its keys, its table and its exports. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { cannotStartBrowser, startBrowser } from "../../support/browser";
import {
  bring,
  figureOf,
  openTrace,
  tableOf,
  viewerWith,
} from "../../support/inspector/inspectorPage";

const file = path.resolve("test/support/inspector/addedView.ts");
const row = `lengths: { title: "Lengths", label: "How long it is.", help: ["Grey is what is there.", "Wider is longer.", "Click to go."], view: require(${JSON.stringify(file)}).lengths },`;

describe("a view that was added", { skip: cannotStartBrowser() }, () => {
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  before(async () => {
    browser = await startBrowser();
    const trace = await readFile("test/fixtures/traces/rkv.rkvtrace");
    ({ page, complaints } = await openTrace(browser, trace, undefined, viewerWith(row)));
    await bring(page, "lengths");
  });
  after(() => browser.close());

  test("appears behind its tab, with its sentence, its picture and its tables", async () => {
    const view = page.locator("[data-view=lengths]");
    await view.getByText("73 of 73 tokens").waitFor();
    await view.locator(".length rect").waitFor({ state: "attached" });
    assert.deepEqual(await tableOf(page, "lengths"), [
      ["tokens", "of"],
      ["73", "73"],
      ["line", "detail"],
      ...[0, 10, 20, 30, 40, 50, 60, 70].map((at) => [`token ${at}`, "a tenth"]),
    ]);
  });

  test("has its lines beside it: by click and by arrow keys they go where they lead", async () => {
    const lines = page.locator("[data-view=lengths]").getByRole("region", { name: "Every tenth" });
    await lines.getByText("and 5 more").waitFor();
    await lines.getByRole("button", { name: "token 20" }).click();
    const words = page.locator(".foot .words");
    await words.filter({ hasText: "at 20:" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await words.filter({ hasText: "at 30:" }).waitFor();
    await page.keyboard.press("Enter");
    await lines.locator("[aria-current=true]", { hasText: "token 30" }).waitFor();
  });

  test("follows the moment, moves it where it is clicked, and is exported", async () => {
    const view = page.locator("[data-view=lengths]");
    await view.locator(".figure").focus();
    await page.keyboard.press("Home");
    await view.getByText("0 of 73 tokens").waitFor();
    await view.locator(".figure").click();
    await view.getByText(/^[1-9]\d* of 73 tokens$/).waitFor();
    assert.match(String(await figureOf(page, "lengths", "SVG")), />so far</);
    assert.deepEqual(complaints, []);
  });
});
