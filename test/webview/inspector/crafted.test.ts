/** Whatever a trace claims, the page opens it or says in a sentence why not, and answers meanwhile. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { cannotStartBrowser, startBrowser } from "../../support/browser";
import { craftedTraces } from "../../support/inspector/craftedTraces";
import { everyView, openTrace, watched } from "../../support/inspector/inspectorPage";
import { meterOf } from "../../support/inspector/pageMeter";

const mostSeconds = 1;
const mostMegabytes = 400;

describe("traces that claim more than a run can have", { skip: cannotStartBrowser() }, () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());

  for (const [name, trace] of Object.entries(craftedTraces))
    test(`${name}: opened and each view drawn within a second of work`, async (t) => {
      const { page, requests, complaints } = await watched(browser);
      t.after(() => page.close());
      const meter = await meterOf(browser, page);
      await openTrace(browser, trace, { page, requests, complaints });
      const opened = await meter.seconds();
      await page.evaluate(everyView);
      const [viewed, megabytes] = [(await meter.seconds()) - opened, await meter.megabytes()];
      t.diagnostic(
        `opened in ${opened.toFixed(2)} s of work, every view in ${viewed.toFixed(2)} s; ${megabytes} MB`,
      );
      assert.ok(opened < mostSeconds && viewed < mostSeconds);
      assert.ok(megabytes < mostMegabytes, `${megabytes} MB`);
      assert.ok((await page.locator("main").innerText()).length > 10);
      assert.equal(await page.evaluate("window.ran"), undefined);
      assert.deepEqual(
        requests.filter((address) => !/^(file|data|blob):/.test(address)),
        [],
      );
      assert.deepEqual(complaints, []);
    });
});
