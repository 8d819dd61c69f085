/** A real VS Code in a real browser, and what a person does with it. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { createVSIX } from "@vscode/vsce";
import type { Browser, FrameLocator, Page } from "playwright-core";
import { startBrowser } from "../support/browser";
import { Profile } from "./codeServer";

const packed = path.resolve("dist/rkv-lens-linux-x64.vsix");

export interface Editor {
  page: Page;
  browser: Browser;
  profile: Profile;
  /** Ends browser and server, and removes all that they wrote. */
  close(): Promise<void>;
}

export interface EditorOptions {
  /** The folder to open; a new one otherwise. */
  workspace?: string;
  settings?: object;
  /** Asks for trust in the folder, as VS Code does by itself; otherwise every folder is trusted. */
  asksForTrust?: boolean;
}

/** No welcome pages, and no chat but ours. */
const quiet = {
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
};

/** A fresh VS Code with the packed extension and the consumer, which stands for any other one. */
export async function startWithConsumer(options: EditorOptions = {}): Promise<Editor> {
  const profile = new Profile();
  const consumer = path.join(profile.folder, "consumer.vsix");
  await createVSIX({
    cwd: path.resolve("test/vscode/consumer"),
    packagePath: consumer,
    dependencies: false,
    allowMissingRepository: true,
    skipLicense: true,
  });
  for (const vsix of [packed, consumer]) profile.code("--install-extension", vsix);
  return startEditor(profile, options);
}

/** Opens the workspace with what is installed in the profile. */
async function startEditor(profile: Profile, options: EditorOptions): Promise<Editor> {
  const workspace = options.workspace ?? path.join(profile.folder, "workspace");
  mkdirSync(workspace, { recursive: true });
  profile.settle({ ...quiet, ...options.settings });
  const trust = options.asksForTrust ? [] : ["--disable-workspace-trust"];
  const server = await profile.serve(...trust, workspace);
  const browser = await startBrowser().catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  const close = async (): Promise<void> => {
    await browser.close();
    await server.stop();
    profile.remove();
  };
  try {
    const page = await openWorkbench(browser, `${server.address}?folder=${workspace}`);
    return { page, browser, profile, close };
  } catch (error) {
    await close();
    throw error;
  }
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
