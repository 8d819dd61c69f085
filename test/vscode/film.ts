/**
 * The film of README: a question is asked, the cache breathes beside it, the scrubber goes back, and
 * an evicted token says why it died. Run by `npm run film`; frames go to dist/film, the animated
 * picture to media/pictures.
 */
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { chatOf, inspectorOf, lastTurn, midThought, question } from "./chat";
import { runCommand, startWithConsumer } from "./editor";
import { encodeGif, type Frame } from "./gif";

const settings = {
  "workbench.colorTheme": "Dark 2026",
  "workbench.activityBar.location": "hidden",
  "window.commandCenter": false,
  "rkv.cache.budget": "384",
  "rkv.cache.buffer": 64,
  "rkv.generation.temperature": 0,
};
const frameMillis = 250;
/** Long enough for every compaction, one by one. */
const playMillis = 8_000;
const largestBytes = 3 * 1024 * 1024;

test("the film of one question", { timeout: 900_000 }, async () => {
  const editor = await startWithConsumer({ settings });
  const { page } = editor;
  const camera = new Camera(page);
  try {
    await runCommand(page, "R-KV: Focus Chat");
    await chatOf(page).locator(".composer").waitFor();
    await camera.run(() => watchAnswer(page));
    await camera.run(() => lookBack(page));
    camera.hold(3_000);
    camera.save("dist/film");
    const gif = await encodeGif(editor.browser, camera.frames, 960);
    assert.ok(gif.length <= largestBytes, `${gif.length} bytes are too many for a README`);
    writeFileSync("media/pictures/film.gif", gif);
  } finally {
    await editor.close();
  }
});

async function watchAnswer(page: Page): Promise<void> {
  const box = chatOf(page).getByRole("textbox", { name: "Your question" });
  for (const sentence of question.match(/[^.?]+[.?] ?/g) ?? []) {
    await box.pressSequentially(sentence);
    await page.waitForTimeout(frameMillis);
  }
  await box.press("Enter");
  await midThought(page);
  await page.locator(".part.sidebar [aria-label^='Open Inspector']").first().click();
  await inspectorOf(page).locator("[data-view=map] .sentence").waitFor();
  await lastTurn(page).locator(".answerFooter").getByText("tokens").first().waitFor();
  await inspectorOf(page).getByRole("button", { name: "Play" }).click();
  await page.waitForTimeout(playMillis);
}

async function lookBack(page: Page): Promise<void> {
  const inspector = inspectorOf(page);
  const strip = await inspector.locator(".strip .figure").first().boundingBox();
  assert.ok(strip);
  const at = (share: number): [number, number] => [
    strip.x + strip.width * share,
    strip.y + strip.height / 2,
  ];
  await page.mouse.move(...at(0.98));
  await page.mouse.down();
  await page.mouse.move(...at(0.75), { steps: 20 });
  await page.mouse.up();
  await page.waitForTimeout(1_000);
  const evicted = inspector.locator("[data-view=text] .token.h0").filter({ hasText: /[a-z0-9]/ });
  await inspector.locator("[data-view=text] .token-text").hover();
  await page.mouse.wheel(0, -100_000);
  for (let turns = 0; turns < 60 && (await evicted.count()) === 0; turns++) {
    await page.mouse.wheel(0, 150);
    await page.waitForTimeout(200); // What comes into sight is drawn then.
  }
  await evicted.first().click();
  await inspector.locator("[data-view=why]").getByText("evicted").first().waitFor();
  await page.waitForTimeout(2_000);
}

/** Takes pictures while something happens; one that equals the one before only makes it last. */
class Camera {
  readonly frames: Frame[] = [];

  constructor(private readonly page: Page) {}

  async run(scene: () => Promise<void>): Promise<void> {
    let isOver = false;
    const watch = async (): Promise<void> => {
      while (!isOver) {
        this.take(await this.page.screenshot());
        await this.page.waitForTimeout(frameMillis);
      }
    };
    await Promise.all([scene().finally(() => (isOver = true)), watch()]);
  }

  hold(millis: number): void {
    const last = this.frames.at(-1);
    if (last) last.millis += millis;
  }

  save(folder: string): void {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [index, { png }] of this.frames.entries())
      writeFileSync(path.join(folder, `${String(index).padStart(4, "0")}.png`), png);
  }

  private take(png: Buffer): void {
    const last = this.frames.at(-1);
    if (last?.png.equals(png)) last.millis = Math.min(last.millis + frameMillis, 1_000);
    else this.frames.push({ png, millis: frameMillis });
  }
}
