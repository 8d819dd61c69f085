/** What a person saves from the browser host is what they saw: pictures, and the page itself. */
import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { serveBrowser } from "../../../src/cli/serve/serve";
import type { RunningServer } from "../../../src/cli/serve/server";
import { views } from "../../../webview/inspector/views";
import { cannotStartBrowser, startBrowser } from "../../support/browser";
import {
  bring,
  syntheticTrace,
  watched,
  type Seen,
  viewsOfOneChain,
  contentOf,
  figureOf,
  saved,
} from "../../support/inspector/inspectorPage";

const shape = { tokens: 240, layers: 4, kvHeads: 2, headDim: 16, compactions: 6, budget: 48 };
const pictures = path.resolve("dist", "screenshots");
/** The development build is that of `npm start`, the production build that of the package. */
const builds = { development: false, production: true };

interface Build {
  buildAll: (options: { production: boolean; outdir: string }) => Promise<void>;
}

for (const [name, production] of Object.entries(builds))
  describe(`saved from the ${name} build`, { skip: cannotStartBrowser() }, () => {
    let browser: Browser;
    let server: RunningServer;
    let folder: string;
    let seen: Seen;

    before(async () => {
      await mkdir(pictures, { recursive: true });
      folder = await mkdtemp(path.join(tmpdir(), "rkv-exported-"));
      const file = path.join(folder, "story.rkvtrace");
      await writeFile(file, await syntheticTrace({ ...shape, seed: 3 }));
      const script = pathToFileURL(path.resolve("esbuild.mjs")).href;
      const { buildAll } = (await import(script)) as Build;
      const bundles = path.join(folder, "dist");
      await buildAll({ production, outdir: bundles });
      server = await serveBrowser({
        port: 0,
        device: "cpu",
        storage: path.join(folder, "storage"),
        bundles,
        bundledModel: "media/model",
        files: [file],
        show: () => undefined,
        log: () => undefined,
      });
      browser = await startBrowser();
      seen = await watched(browser);
      await seen.page.goto(server.newAddress());
      await isShown(seen.page);
    });
    after(async () => {
      await browser.close();
      await server.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    });

    test("every view's PNG shows what the view shows", async () => {
      for (const view of viewsOfOneChain) {
        const png = await figureOf(seen.page, view, "PNG");
        const words = seen.page.locator(".banners p").first();
        if (!png) {
          await words.getByText("has nothing to show").waitFor();
          assert.ok((await seen.page.locator(`[data-view=${view}] .is-empty`).count()) > 0, view);
          continue;
        }
        await words.getByText(`Saved story-${view}.png.`).waitFor();
        await writeFile(path.join(pictures, `exported-${name}-${view}.png`), png);
        const { width, height, colours } = await looked(browser, png);
        assert.ok(width > 1300 && height > 200, `${view}: ${width} × ${height}`);
        assert.ok(colours > 20, `${view}: ${colours} colours`);
      }
      assert.deepEqual(seen.complaints, []);
    });

    test("a figure of what is on the page is one SVG, also in the page's colours", async () => {
      const { page } = seen;
      await bring(page, "map");
      await page.locator(".top").getByRole("button", { name: "Export figure…" }).click();
      const dialog = page.getByRole("dialog", { name: "Export figure" });
      await dialog.getByLabel("two side by side").check();
      await dialog.getByLabel("as on the page").check();
      const svg = String(await saved(page, dialog, "SVG"));
      for (const view of ["text", "map", "redundancy", "why"] as const)
        assert.match(svg, new RegExp(`>\\([a-z]\\) ${views[view].title}`));
      assert.match(svg, /<text[^>]*>[^<]*R-KV: budget/);
      assert.ok((await looked(browser, Buffer.from(svg), "svg+xml")).colours > 20);
      await dialog.waitFor({ state: "hidden" });
      assert.deepEqual(seen.complaints, []);
    });

    test("the saved page opens alone, shows the run, and saves itself again to the last byte", async () => {
      const first = await savedPage(seen.page);
      const file = path.join(folder, "saved.html");
      await writeFile(file, first);
      await copyFile(file, path.join(pictures, `saved-${name}.html`));
      const copy = await watched(browser);
      await copy.page.goto(pathToFileURL(file).href);
      await isShown(copy.page);
      await copy.page.screenshot({ path: path.join(pictures, `saved-${name}.png`) });
      assert.equal((await figureOf(copy.page, "map", "PNG"))?.toString("latin1", 1, 4), "PNG");
      assert.ok(first.equals(await savedPage(copy.page)));
      assert.deepEqual(copy.complaints, []);
      assert.deepEqual(
        copy.requests.filter((address) => !/^(file|data|blob):/.test(address)),
        [],
      );
      await copy.page.close();
    });

    test("a failure is said in a sentence that can be closed", async () => {
      await server.close();
      await seen.page.getByRole("button", { name: "Save as page" }).click();
      const banner = seen.page.locator(".banners p");
      await banner.getByRole("button", { name: "Try again" }).click();
      await banner.getByRole("button", { name: "Close" }).click();
      await banner.waitFor({ state: "detached" });
    });
  });

async function isShown(page: Page): Promise<void> {
  await page
    .locator("[data-view=map]")
    .getByText(`after compaction ${shape.compactions}`)
    .waitFor();
  await page.locator("[data-view=redundancy] .legend").first().waitFor({ state: "attached" });
}

async function savedPage(page: Page): Promise<Buffer> {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as page" }).click();
  return contentOf(await download);
}

/** Size and number of different colours of a picture, as a browser decodes it. */
async function looked(
  browser: Browser,
  file: Buffer,
  type = "png",
): Promise<{ width: number; height: number; colours: number }> {
  const page = await browser.newPage();
  try {
    return await page.evaluate(`(async () => {
      const picture = new Image();
      picture.src = "data:image/${type};base64,${file.toString("base64")}";
      await picture.decode();
      const { width, height } = picture;
      const pen = new OffscreenCanvas(width, height).getContext("2d");
      pen.drawImage(picture, 0, 0);
      const pixels = new Uint32Array(pen.getImageData(0, 0, width, height).data.buffer);
      return { width, height, colours: new Set(pixels).size };
    })()`);
  } finally {
    await page.close();
  }
}
