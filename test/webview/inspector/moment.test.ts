/** The moment is one: whatever moves it, every view shows it, and the text scrolls to it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { Random } from "../../../src/shared/random";
import { playOrPause, walkWhilePlaying } from "../../../webview/inspector/page/playback";
import { initialState, scrub, Store } from "../../../webview/inspector/state/state";
import { cannotStartBrowser, startBrowser } from "../../support/browser";
import { holds, openTrace, syntheticTrace } from "../../support/inspector/inspectorPage";
import { sampleRun } from "../../support/inspector/sampleRun";

const random = new Random(4);
const { run, at } = sampleRun({ tokens: 300, layers: 2, kvHeads: 1, every: 50, budget: 20 }, () =>
  random.next(),
);

/** A store, and what passes a frame. */
function storeOf(live = false): { store: Store; frame: () => void } {
  let tell = (): void => undefined;
  const store = new Store(initialState(run, live), (call) => (tell = call));
  return { store, frame: () => tell() };
}

test("play walks from compaction to compaction, pauses where it is asked to, and ends at the end", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const { store, frame } = storeOf();
  const pressPlay = (): void => {
    playOrPause(store);
    frame();
  };
  walkWhilePlaying(store);
  pressPlay();
  assert.deepEqual([store.state.tokens, store.state.playing], [0, true]);
  t.mock.timers.tick(1_000);
  assert.equal(store.state.tokens, at[1]);
  pressPlay();
  t.mock.timers.tick(10_000);
  assert.deepEqual([store.state.tokens, store.state.playing], [at[1], false]);
  pressPlay();
  scrub(store, at[0]);
  frame();
  t.mock.timers.tick(10_000);
  assert.deepEqual([store.state.tokens, store.state.playing], [at[0], false], "by hand");
  pressPlay();
  t.mock.timers.tick(10_000);
  assert.deepEqual([store.state.tokens, store.state.playing], [run.tokens, false]);
});

test("a run that is written is followed from its newest moment on, and not from another", () => {
  const { store } = storeOf(true);
  assert.equal(store.state.following, true);
  scrub(store, 100);
  assert.equal(store.state.following, false);
  scrub(store, run.tokens);
  assert.equal(store.state.following, true);
});

test("what is zoomed in on goes along when the moment leaves it, and only then", () => {
  const { store } = storeOf();
  store.update({ zoom: [0, 60] });
  scrub(store, 40);
  assert.deepEqual(store.state.zoom, [0, 60]);
  scrub(store, 200);
  assert.deepEqual(store.state.zoom, [160, 220]);
  store.update({ zoom: [0, 60] });
  assert.deepEqual(store.state.zoom, [0, 60]);
  scrub(store, 300);
  assert.deepEqual(store.state.zoom, [240, 300]);
});

/** Position of the newest token, where it is in sight. */
const newestInSight = `(() => {
  const token = document.querySelector(".token.newest")?.getBoundingClientRect();
  const text = document.querySelector(".token-text").getBoundingClientRect();
  return token && token.top >= text.top && token.bottom <= text.bottom
    ? Number(document.querySelector(".token.newest").dataset.position) : undefined;
})()`;
/** Where it is in the text's sight, 0 at the top and 1 at the bottom. */
const heightOfNewest = `(() => {
  const token = document.querySelector(".token.newest")?.getBoundingClientRect();
  const text = document.querySelector(".token-text").getBoundingClientRect();
  return token && (token.bottom - text.top) / text.height;
})()`;
const shape = { tokens: 3_000, layers: 2, kvHeads: 2, headDim: 16, compactions: 12, budget: 128 };

describe("the moment on the page", { skip: cannotStartBrowser() }, () => {
  let browser: Browser;
  let page: Page;

  before(async () => {
    browser = await startBrowser();
    ({ page } = await openTrace(browser, await syntheticTrace({ ...shape, seed: 2 })));
  });
  after(() => browser.close());

  const now = (): Promise<number> =>
    page.evaluate("Number(document.querySelector('.strip-slider').ariaValueNow)");
  const followed = (): Promise<void> =>
    holds(page, `${newestInSight} === document.querySelector(".strip-slider").ariaValueNow - 1`);

  test("a run that is opened is read from its beginning", async () => {
    await page.locator(`[data-position="0"]`).waitFor();
    assert.equal(await now(), shape.tokens);
    assert.equal(await page.evaluate("document.querySelector('.token-text').scrollTop"), 0);
  });

  test("the text scrolls to it while it is scrubbed, there and back", async () => {
    const strip = await page.locator(".strip .figure").boundingBox();
    assert.ok(strip);
    for (const share of [0.7, 0.5, 0.9, 0.2, 0.6]) {
      await page.mouse.click(strip.x + share * strip.width, strip.y + strip.height / 2);
      await followed();
      await holds(page, `${heightOfNewest} > 0.45`);
    }
    await page.keyboard.press("End");
    await holds(page, `document.querySelector(".strip-slider").ariaValueNow == ${shape.tokens}`);
    await followed();
  });

  test("Play becomes Pause, by the button and by the space bar, and the text goes along", async () => {
    await page.getByRole("button", { name: "Play" }).click();
    await page.getByRole("button", { name: "Pause" }).waitFor();
    await holds(page, "document.querySelector('.strip-slider').ariaValueNow > 500");
    await page.locator("[data-view=map] .figure").focus();
    await page.keyboard.press(" ");
    await page.getByRole("button", { name: "Play" }).waitFor();
    await followed();
    await page.keyboard.press(" ");
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "End" }).click();
    await followed();
  });

  test("a look aside says so, is marked on the strip, and its button goes there", async () => {
    const why = page.locator("[data-view=why]");
    await page.locator(".token.h0").first().dispatchEvent("click");
    const aside = why.getByText(/^a look aside: compaction \d+$/);
    const compaction = Number(/\d+$/.exec(await aside.innerText())?.[0]);
    await page.locator(".strip .aside line").waitFor({ state: "attached" });
    await why.getByRole("button", { name: "Go there" }).click();
    await aside.waitFor({ state: "hidden" });
    await page.locator(".strip .aside line").waitFor({ state: "detached" });
    await page.getByText(`After compaction ${compaction} a`).waitFor();
    await followed();
  });
});
