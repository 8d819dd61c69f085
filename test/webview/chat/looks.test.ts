/**
 * Every state in every theme at every width: nothing is clipped, axe finds no serious fault, and
 * the pictures lie in dist/screenshots to be looked at.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { cannotStartBrowser, startBrowser } from "../../support/browser";
import { serveState, type StillChat } from "../../support/servedChat";
import { type StateName, states } from "../../support/chatStates";

/** As webview/common/browserTheme.ts marks the page. */
const themes = {
  dark: "vscode-dark",
  light: "vscode-light",
  "hc-black": "vscode-high-contrast",
  "hc-light": "vscode-high-contrast vscode-high-contrast-light",
};
const widths = [300, 900];

interface AxeFault {
  id: string;
  impact: string;
  nodes: { html: string }[];
}

describe("the chat's looks", { skip: cannotStartBrowser() }, () => {
  let browser: Browser;
  let still: StillChat;
  let page: Page;
  let state: StateName = "empty";

  before(async () => {
    mkdirSync("dist/screenshots", { recursive: true });
    browser = await startBrowser();
    still = await serveState(() => states[state]());
    page = await browser.newPage({ reducedMotion: "reduce" });
    await page.goto(still.server.newAddress());
    // The address leads on to the chat by itself, which a reload must not cut short.
    await page.waitForSelector(".composer .chip");
  });

  after(async () => {
    await browser.close();
    await still.server.close();
  });

  for (const name of Object.keys(states) as StateName[])
    test(`${name}: nothing is clipped, axe finds nothing serious`, async () => {
      state = name;
      await page.reload();
      await page.waitForSelector(".composer .chip");
      await openChain(page);
      await page.evaluate(readFileSync("node_modules/axe-core/axe.min.js", "utf8"));
      for (const [theme, classes] of Object.entries(themes)) {
        await page.evaluate(
          `document.body.dataset.theme = "${theme}"; document.body.className = "${classes}"`,
        );
        for (const width of widths) await lookAt(page, name, theme, width);
        assert.deepEqual(await seriousFaults(page, theme === "dark"), [], theme);
      }
    });
});

/** The third one's, where the answer has several that ended. */
async function openChain(page: Page): Promise<void> {
  const mark = page.locator(".chainMark:enabled").nth(2);
  if ((await mark.count()) > 0) await mark.click();
}

async function lookAt(page: Page, name: string, theme: string, width: number): Promise<void> {
  await page.setViewportSize({ width, height: 760 });
  const tooWide = await page.evaluate<string[]>(
    `[...document.querySelectorAll(".app *")]
      .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
      .filter((node) => !node.closest("pre, .tableFrame, .spoken, .progress"))
      .map((node) => node.outerHTML.slice(0, 120))`,
  );
  assert.deepEqual(tooWide, [], `${theme}, ${width} px`);
  await page.screenshot({ path: `dist/screenshots/chat-${name}-${theme}-${width}.png` });
}

/** Only colours differ from theme to theme. */
async function seriousFaults(page: Page, allRules: boolean): Promise<string[]> {
  const rules = allRules ? "" : `{ runOnly: ["color-contrast"] }`;
  const faults = await page.evaluate<AxeFault[]>(
    `axe.run(${rules}).then(({ violations }) => violations)`,
  );
  return faults
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join("\n")}`);
}
