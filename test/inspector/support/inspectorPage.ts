/** The inspector on a trace, as the self-contained page that “Save as page” writes. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { selfContainedPage } from "../../../webview/inspector/out/page";

let built: Promise<{ script: string; style: string }> | undefined;

/** The viewer's bundle, built once per process. */
export function viewer(): Promise<{ script: string; style: string }> {
  built ??= buildViewer();
  return built;
}

async function buildViewer() {
  const { outputFiles } = await build({
    entryPoints: ["webview/inspector/main.ts"],
    bundle: true,
    minify: true,
    write: false,
    outdir: "viewer",
    format: "iife",
    target: "es2022",
    loader: { ".svg": "text" },
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

/** Opens a trace at a size and in a theme: dark, light, hc-black or hc-light. */
export async function openTrace(
  browser: Browser,
  trace: Uint8Array,
  { width = 1600, height = 1000, theme = "dark" } = {},
): Promise<Seen> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-inspector-"));
  const file = path.join(folder, "page.html");
  await writeFile(file, selfContainedPage("story.rkvtrace", trace, await viewer()));
  const page = await browser.newPage({ viewport: { width, height }, reducedMotion: "reduce" });
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(`${pathToFileURL(file).href}?theme=${theme}`);
  await page.waitForSelector(".page[data-layout] .panel, .notice:not(:has(*))");
  return { page, requests, complaints };
}
