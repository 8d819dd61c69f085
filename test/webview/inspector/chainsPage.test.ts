/** The chains of a run on the page: a line leads to its chain, and a run of one chain has no such view. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Locator } from "playwright-core";
import { cannotStartBrowser, startBrowser } from "../../support/browser";
import { openTrace } from "../../support/inspector/inspectorPage";
import { alone, spokenTrace, voted } from "../../support/inspector/spokenTrace";

describe("the chains of a run", { skip: cannotStartBrowser() }, () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());

  test("a click on a line shows that chain, the keys the next one; the token stays selected", async () => {
    const { page, complaints } = await openTrace(browser, spokenTrace(voted));
    await page.getByRole("tab", { name: "Chains" }).click();
    const view = page.locator("[data-view=chains]");
    await view.getByText("2 of 4 chains answer 24.").waitFor();
    const chain = page.getByLabel("Chain", { exact: true });
    const shown = async (number: number): Promise<void> => {
      await chain.locator(`option:checked:has-text("${number}")`).waitFor({ state: "attached" });
    };
    await clickCell(view, { row: 1, column: 3, columns: 17 });
    await shown(2);
    await page.keyboard.press("ArrowDown");
    await shown(3);
    await page.getByRole("tab", { name: "Now" }).click();
    const text = page.locator("[data-view=text]");
    await text.getByText("24.0", { exact: false }).waitFor();
    await text.locator(`[data-position="3"].selected`).waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test("a run of one chain has no such view", async () => {
    const { page } = await openTrace(browser, spokenTrace(alone(0)));
    await page.getByRole("tab", { name: "Compare" }).waitFor();
    assert.equal(await page.getByRole("tab", { name: "Chains" }).count(), 0);
  });
});

/** On the first plot, whose rows the frame around the shown one measures. */
async function clickCell(
  view: Locator,
  { row, column, columns }: { row: number; column: number; columns: number },
): Promise<void> {
  const frame = await view.locator(".shown rect").boundingBox();
  assert.ok(frame);
  const x = frame.x + ((column + 0.5) / columns) * frame.width;
  await view.page().mouse.click(x, frame.y + (row + 0.5) * frame.height);
}
