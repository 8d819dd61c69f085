/**
 * npm run pictures: runs the bundled model under a small budget, replays the run with the full
 * cache, and takes the pictures of README and docs from the real pages, in media/pictures.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { bundleForNode } from "./bundle.mjs";
import { setUpAndBuild } from "./setup.mjs";

const question =
  "Eve has 18 books. Dan has 6 more than Eve. Gus has half as many as Dan. " +
  "Pam has 9 more than Gus. How many books does Pam have?";
const pictures = "media/pictures";
const model = path.resolve(import.meta.dirname, "../media/model");
const cache = {
  policy: "rkv",
  budget: { kind: "count", slots: 192 },
  buffer: 64,
  window: 8,
  lambda: 0.1,
  similarityThreshold: 0.5,
  pinPrompt: false,
};

await setUpAndBuild();
mkdirSync(pictures, { recursive: true });
const folder = mkdtempSync(path.join(tmpdir(), "rkv-pictures-"));
try {
  const browser = await startBrowser();
  await picturesOfInspector(browser);
  await pictureOfChat(browser);
  await pictureOfAccuracy(browser);
  await browser.close();
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function startBrowser() {
  const outfile = path.resolve("dist/pictures/browser.mjs");
  const entry = { entryPoints: ["test/support/browser.ts"], outfile };
  await bundleForNode({ ...entry, packages: "external", format: "esm" });
  return (await import(pathToFileURL(outfile).href)).startBrowser();
}

async function picturesOfInspector(browser) {
  const trace = path.join(folder, "run.rkvtrace");
  cli("run", question, "--budget", "192", "--buffer", "64", "--greedy", "--trace", trace);
  cli("replay", trace, "--model", model);
  for (const theme of ["dark", "light"])
    await withServer([trace], async (address) => {
      const page = await openPage(browser, address, theme, { width: 1600, height: 900 });
      await page.locator(".page[data-layout]").waitFor();
      await save(page, `inspector-${theme}`);
      if (theme === "dark") await picturesOfViews(page);
      await page.close();
    });
  const figure = path.join(pictures, "figure.svg");
  cli("trace", trace, "--figure", "map", "--out", figure);
  console.log(figure);
}

/** Why the first word that no head holds any more was evicted, what repeats it, and with what it went. */
async function picturesOfViews(page) {
  await page
    .locator("[data-view=text] .token.h0", { hasText: /^ ?\w+$/ })
    .first()
    .click();
  for (const view of ["why", "redundancy"])
    await save(page, `${view}-dark`, page.locator(`[data-view=${view}]`));
  await page.setViewportSize({ width: 1000, height: 760 });
  await page.getByRole("tab", { name: "Evicted by step" }).click();
  await save(page, "evicted-dark", page.locator("[data-view=evicted]"));
}

async function pictureOfChat(browser) {
  writeFileSync(path.join(folder, "choices.json"), JSON.stringify({ model, cache }));
  await withServer([], async (address) => {
    const page = await openPage(browser, address, "dark", { width: 900, height: 640 });
    const box = page.getByLabel("Your question", { exact: true });
    await box.fill(question);
    await box.press("Enter");
    await page.getByRole("button", { name: "Inspect" }).waitFor({ timeout: 60_000 });
    await page.getByRole("button", { name: /^Thought for/ }).click();
    await save(page, "chat-dark");
  });
}

/** The plot of `eval --plot`, for galleries, which show no SVG. */
async function pictureOfAccuracy(browser) {
  const page = await browser.newPage({
    viewport: { width: 776, height: 460 },
    deviceScaleFactor: 2,
  });
  await page.setContent(readFileSync(path.join(pictures, "accuracy.svg"), "utf8"));
  const file = path.join(pictures, "accuracy.png");
  await page.locator("svg").screenshot({ path: file, omitBackground: true });
  console.log(file);
}

function cli(...args) {
  const { status } = spawnSync(process.execPath, ["dist/cli.js", ...args], { stdio: "inherit" });
  if (status !== 0) throw new Error(`${args[0]} failed: see above.`);
}

async function withServer(operands, use) {
  const args = ["dist/cli.js", "serve", ...operands, "--no-open", "--storage", folder];
  const server = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await use(await addressFrom(server.stdout));
  } finally {
    server.kill();
    await new Promise((resolve) => server.once("exit", resolve));
  }
}

function addressFrom(output) {
  return new Promise((resolve, reject) => {
    output.on("data", (text) => {
      const found = /http:\S+/.exec(String(text));
      if (found) resolve(found[0]);
    });
    output.on("end", () => reject(new Error("The server ended before it gave its address.")));
  });
}

async function openPage(browser, address, theme, viewport) {
  const page = await browser.newPage({ viewport, colorScheme: theme, reducedMotion: "reduce" });
  await page.goto(address);
  return page;
}

async function save(page, name, part = page) {
  await page.waitForTimeout(1500); // Scores and keys come after the first picture.
  const file = path.join(pictures, `${name}.png`);
  await part.screenshot({ path: file });
  console.log(file);
}
