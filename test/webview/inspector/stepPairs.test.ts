/** A pair of steps is picked by key or click, and the pairs behind it are listed and marked in the text. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { cannotStartBrowser, startBrowser } from "../../support/browser";
import { openTrace } from "../../support/inspector/inspectorPage";

describe("a picked pair of steps", { skip: cannotStartBrowser() }, () => {
  let browser: Browser;
  let page: Page;

  before(async () => {
    browser = await startBrowser();
    ({ page } = await openTrace(browser, await readFile("test/fixtures/traces/rkv.rkvtrace")));
  });
  after(() => browser.close());

  test("stands in list and text until it is let go of", async () => {
    const view = page.locator("[data-view=stepRedundancy]");
    const marked = page.locator("[data-view=text] .token.paired");
    await view.locator(".figure").focus();
    await page.keyboard.press("ArrowRight");
    await view.getByRole("heading", { name: /^Nearest pairs of/ }).waitFor();
    await marked.first().waitFor();
    const lines = await view.locator(".lines li").count();
    assert.ok(lines > 1, `${lines} pairs`);
    const frame = await view.locator("rect.picked-frame").boundingBox();
    assert.ok(frame);
    await view.getByRole("button", { name: "Unpick" }).click();
    await marked.first().waitFor({ state: "detached" });
    await page.mouse.click(frame.x + frame.width / 2, frame.y + frame.height / 2);
    await view.getByText(/^Between .* the mean cosine is 0\.\d\d/).waitFor();
    await marked.first().waitFor();
  });
});
