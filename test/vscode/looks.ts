/** How webviews look in the editor: its themes, a narrow side bar, what is clipped, what axe says. */
import type { Frame, FrameLocator, Page } from "playwright-core";
import { seriousFaults } from "../support/axe";
import { pick, runCommand } from "./editor";

export const themes = ["Dark 2026", "Light 2026", "Dark High Contrast", "Light High Contrast"];

/** Settles when the views have the theme's colours too. */
export async function setTheme(page: Page, theme: string, views: FrameLocator[]): Promise<void> {
  await runCommand(page, "Preferences: Color Theme");
  await page.locator(".quick-input-widget input[type=text]").fill(theme);
  await pick(page, theme);
  for (const view of views) await view.locator(`body[data-vscode-theme-name="${theme}"]`).waitFor();
  await page.waitForTimeout(500); // Colours fade from one theme to the other.
}

/** Drags the border of the side bar. */
export async function setSideBarWidth(page: Page, width: number): Promise<void> {
  const box = await page.locator(".part.sidebar").boundingBox();
  if (!box) throw new Error("The side bar is closed.");
  const [border, middle] = [box.x + box.width + 1, box.y + box.height / 2];
  await page.mouse.move(border, middle);
  await page.mouse.down();
  await page.mouse.move(box.x + width + 1, middle, { steps: 5 });
  await page.mouse.up();
}

export async function faultsIn(view: FrameLocator): Promise<string[]> {
  return seriousFaults(await frameOf(view));
}

/** Elements that reach over the right edge, but for what may be scrolled sideways. */
export async function clippedIn(view: FrameLocator): Promise<string[]> {
  const frame = await frameOf(view);
  return frame.evaluate<string[]>(
    `[...document.querySelectorAll("body *")]
      .filter((node) => node.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
      .filter((node) => !node.closest("pre, .tableFrame, .spoken, .progress"))
      .map((node) => node.outerHTML.slice(0, 120))`,
  );
}

async function frameOf(view: FrameLocator): Promise<Frame> {
  const frame = await (await view.locator("body").elementHandle())?.ownerFrame();
  if (!frame) throw new Error("The view is gone.");
  return frame;
}
