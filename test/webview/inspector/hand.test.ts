/** What the pointer does on a picture: it points, chooses, selects several, zooms, pans and scrubs. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import type { Browser, Locator, Page } from "playwright-core";
import { cannotStartBrowser, startBrowser } from "../../support/browser";
import { bring, holds, openTrace } from "../../support/inspector/inspectorPage";

const tokens = 73;

type Box = Record<"x" | "y" | "width" | "height", number>;

describe("the pointer", { skip: cannotStartBrowser() }, () => {
  let browser: Browser;
  let page: Page;
  let map: Locator;
  let words: Locator;

  before(async () => {
    browser = await startBrowser();
    ({ page } = await openTrace(browser, await readFile("test/fixtures/traces/rkv.rkvtrace")));
    map = page.locator("[data-view=map] .figure");
    words = page.locator(".foot .words");
  });
  after(() => browser.close());

  /** A place on the map's cells, as shares of their width and height. */
  async function onMap(across: number, down: number): Promise<{ x: number; y: number }> {
    const { x, y, width, height } = await page.evaluate<Box>(
      `document.querySelector("[data-view=map] .frames rect").getBoundingClientRect().toJSON()`,
    );
    const whole = (width / 25) * tokens;
    return { x: x + across * whole, y: y + down * height };
  }

  const at = async (across: number, down: number) => {
    const { x, y } = await onMap(across, down);
    await page.mouse.move(x, y);
  };

  test("names what it is over, in all views", async () => {
    await at(40.5 / tokens, 0.4);
    await words.filter({ hasText: /at 40:/ }).waitFor();
    await page.locator(`[data-position="40"].hovered`).waitFor();
  });

  test("selects the token and the layer that it clicks, and with Shift all up to there", async () => {
    await at(10.5 / tokens, 0.6);
    await page.mouse.down();
    await page.mouse.up();
    await words.filter({ hasText: /at 10: held by \d of 3 heads of layer 2/ }).waitFor();
    await at(12.5 / tokens, 0.6);
    await page.keyboard.down("Shift");
    await page.mouse.down();
    await page.mouse.up();
    await page.keyboard.up("Shift");
    await page.locator(`[data-position="12"].selected`).waitFor();
    assert.equal(await page.locator(".token.selected").count(), 3);
  });

  test("zooms with the wheel, pans what is zoomed by dragging, and shows all on a double click", async () => {
    await at(0.5, 0.5);
    await page.mouse.wheel(0, -300);
    const zoomed = page.locator(".strip .zoom rect");
    await zoomed.waitFor({ state: "attached" });
    const before = await zoomed.getAttribute("x");
    const from = await map.boundingBox();
    assert.ok(from);
    await page.mouse.move(from.x + 300, from.y + 100);
    await page.mouse.down();
    await page.mouse.move(from.x + 200, from.y + 100, { steps: 4 });
    await page.mouse.up();
    await holds(
      page,
      `document.querySelector(".strip .zoom rect").getAttribute("x") !== "${before}"`,
    );
    await words.filter({ hasText: /at \d+:/ }).waitFor();
    assert.equal(await page.locator(".token.selected").count(), 3, "a drag selects nothing");
    await map.dblclick({ position: { x: 300, y: 100 } });
    await zoomed.waitFor({ state: "detached" });
  });

  test("scrubs on the strip, and goes from the survival to a step and its compaction", async () => {
    const strip = await page.locator(".strip .figure").boundingBox();
    assert.ok(strip);
    await page.mouse.click(strip.x + strip.width * 0.4, strip.y + 60);
    await page.locator("[data-view=map]").getByText("Before the first compaction").waitFor();
    await bring(page, "survival");
    const survival = page.locator("[data-view=survival]");
    const { x, width } = await page.evaluate<Box>(
      `document.querySelector("[data-view=survival] .figure").getBoundingClientRect().toJSON()`,
    );
    const name = await survival.locator("svg text", { hasText: "Step 1" }).boundingBox();
    assert.ok(name);
    await page.mouse.click(x + width * 0.6, name.y + name.height / 2);
    const said = { hasText: /^Of step 1.s slots \d+\s% survive compaction [23],/ };
    await survival.locator(".sentence", said).waitFor();
  });

  test("a click beside the words of the text selects nothing", async () => {
    await bring(page, "text");
    await page.locator(`[data-position="30"]`).click();
    await page.locator(`[data-position="30"].selected`).waitFor();
    await page.locator(".token-text").click({ position: { x: 5, y: 300 } });
    await page.locator(".token.selected").waitFor({ state: "detached" });
  });
});
