/** The inspector on a trace, as the self-contained page that “Save as page” writes. */
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import type { Browser, Download, Locator, Page } from "playwright-core";
import { synthesize, type SyntheticShape } from "../../../src/cli/trace/synthesize";
import { layoutFor } from "../../../webview/inspector/page/layout";
import { viewNames, views } from "../../../webview/inspector/views";
import { selfContainedPage } from "../../../webview/inspector/export/page";

let built: Promise<{ script: string; style: string }> | undefined;

/** The viewer's bundle, built once per process. */
export function viewer(): Promise<{ script: string; style: string }> {
  built ??= buildViewer();
  return built;
}

/** The viewer with a view more: a file, and a row in the table. */
export function viewerWith(row: string): Promise<{ script: string; style: string }> {
  const addRow: Plugin = {
    name: "a row more",
    setup: (bundle) => {
      bundle.onLoad({ filter: /inspector\/views\/index\.ts$/ }, async ({ path: file }) => {
        const table = await readFile(file, "utf8");
        const contents = table.replace("} satisfies Record", `${row}\n} satisfies Record`);
        return { contents, loader: "ts" };
      });
    },
  };
  return buildViewer([addRow]);
}

async function buildViewer(plugins: Plugin[] = []) {
  const { outputFiles } = await build({
    entryPoints: ["webview/inspector/main.ts"],
    bundle: true,
    minify: true,
    write: false,
    outdir: "viewer",
    format: "iife",
    target: "es2022",
    loader: { ".svg": "text" },
    plugins,
  });
  const of = (end: string) => outputFiles.find((file) => file.path.endsWith(end))?.text ?? "";
  return { script: of(".js"), style: of(".css") };
}

export interface Seen {
  page: Page;
  /** What the page asked the network for; nothing, if it keeps its promise. */
  requests: string[];
  /** Errors and warnings on its console. */
  complaints: string[];
}

/** An empty page, and what it asks and complains of from then on. */
export async function watched(
  browser: Browser,
  viewport = { width: 1600, height: 1000 },
): Promise<Seen> {
  const page = await browser.newPage({ viewport, reducedMotion: "reduce" });
  const seen: Seen = { page, requests: [], complaints: [] };
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) seen.complaints.push(message.text());
  });
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  return seen;
}

/** Opens a trace, in a page that is blank so far or a new one, and waits until it is read. */
export async function openTrace(
  browser: Browser,
  trace: Uint8Array,
  blank?: Seen,
  shownBy = viewer(),
): Promise<Seen> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-inspector-"));
  const file = path.join(folder, "page.html");
  await writeFile(file, selfContainedPage("story.rkvtrace", trace, await shownBy));
  const seen = blank ?? (await watched(browser));
  await seen.page.goto(`${pathToFileURL(file).href}`);
  await seen.page.waitForSelector(".banners progress[hidden], .notice:not(:has-text('Opening'))", {
    state: "attached",
  });
  return seen;
}

export async function syntheticTrace(shape: SyntheticShape): Promise<Uint8Array> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-inspector-"));
  const file = path.join(folder, "story.rkvtrace");
  await synthesize(file, shape);
  return readFile(file);
}

const media = {
  dark: { colorScheme: "dark", contrast: "no-preference" },
  light: { colorScheme: "light", contrast: "no-preference" },
  "hc-black": { colorScheme: "dark", contrast: "more" },
  "hc-light": { colorScheme: "light", contrast: "more" },
} as const;

export const themes = Object.keys(media) as (keyof typeof media)[];

/** A change is drawn in the frame after it. */
export const twoFrames =
  "new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))";

/** Has every view drawn, and then shown as a table, one after the other. */
export const everyView = `(async () => {
  for (const panel of document.querySelectorAll(".panel")) {
    const tab = document.querySelector(\`[aria-controls="\${panel.id}"]\`);
    (tab ?? document.querySelector("[aria-controls=stage]")).click();
    await ${twoFrames};
    const table = [...panel.querySelectorAll(".button")].find((tool) => tool.textContent === "Table");
    for (let times = 0; times < 2; times++) {
      table.click();
      await ${twoFrames};
    }
  }
})()`;

/** Has the person's system ask for another theme. */
export async function inTheme(page: Page, theme: keyof typeof media): Promise<void> {
  await page.emulateMedia({ ...media[theme], reducedMotion: "reduce" });
  await page.waitForSelector(`body[data-theme=${theme}]`);
  await page.evaluate(twoFrames);
}

/** Makes the page so wide, and waits until its views have their places. */
export async function atWidth(page: Page, width: number): Promise<void> {
  await page.setViewportSize({ width, height: width < 400 ? 760 : 1000 });
  await page.waitForSelector(`[data-layout=${layoutFor(width).name}]`);
  await page.evaluate(twoFrames);
}

/** Resolves in the first frame in which that holds on the page. */
export async function holds(page: Page, condition: string): Promise<void> {
  await page.evaluate(`(async () => {
    const until = performance.now() + 10_000;
    while (!(${condition})) {
      if (performance.now() > until) throw new Error(${JSON.stringify(`Never: ${condition}`)});
      await new Promise((go) => requestAnimationFrame(go));
    }
  })()`);
}

/** What the page has for a run of one chain. */
export const viewsOfOneChain = viewNames.filter((name) => !("isFor" in views[name]));

/** Brings a view to the front, also where its tab is in the menu; on “Now” it may be already. */
export async function bring(page: Page, view: string): Promise<void> {
  await page.waitForSelector(".page[data-layout]");
  await page.evaluate(
    `(document.querySelector("[aria-controls=view-${view}]")
      ?? document.querySelector("[aria-controls=stage]")).click()`,
  );
  await page.locator(`[data-view=${view}]`).waitFor();
}

/** A view as it is exported; undefined where the page says that there is nothing to show. */
export async function figureOf(
  page: Page,
  view: string,
  format: string,
): Promise<Buffer | undefined> {
  await bring(page, view);
  const panel = page.locator(`[data-view=${view}]`);
  await panel.getByRole("button", { name: /^Export figure/ }).click();
  return saved(page, page.getByRole("dialog", { name: "Export figure" }), format);
}

/** What is exported from an open dialog. */
export async function saved(
  page: Page,
  dialog: Locator,
  format: string,
): Promise<Buffer | undefined> {
  await dialog.getByLabel(new RegExp(`^${format}`)).check();
  const download = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Save…" }).click();
  const refused = page.getByText("has nothing to show").waitFor();
  const first = await Promise.race([download, refused]);
  download.catch(() => undefined);
  refused.catch(() => undefined);
  return first ? contentOf(first) : undefined;
}

export async function contentOf(download: Download): Promise<Buffer> {
  return readFile(await download.path());
}

/** Rows of a view's table as they are on the page, header first. */
export async function tableOf(page: Page, view: string): Promise<string[][]> {
  const toggle = page.locator(`[data-view=${view}]`).getByRole("button", { name: "Table" });
  await toggle.click();
  const rows = await page.evaluate<string[][]>(
    `[...document.querySelectorAll("[data-view=${view}] tr")]
      .map((line) => [...line.children].map((cell) => cell.textContent))`,
  );
  await toggle.click();
  return rows;
}
