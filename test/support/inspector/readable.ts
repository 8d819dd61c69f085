import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { twoFrames } from "./inspectorPage";

const settleFrames = 60;

/** Once the page has settled, nothing is wider than it, and no word lies over another one. */
export async function assertReadable(page: Page, what: string): Promise<void> {
  let found = [""];
  for (let frames = 0; found.length > 0 && frames < settleFrames; frames += 2) {
    await page.evaluate(twoFrames);
    found = await page.evaluate<string[]>(faults);
  }
  assert.deepEqual(found, [], what);
}

/** Words of a picture that lie over others, or are cut off at its edge, by more than a pixel. */
const unreadableWords = `[...document.querySelectorAll("svg")].flatMap((svg) => {
  const edge = svg.getBoundingClientRect();
  const words = [...svg.querySelectorAll("text")]
    .map((text) => ({ said: text.textContent, box: text.getBoundingClientRect() }))
    .filter(({ said, box }) => said.trim() !== "" && box.width > 0);
  const isCut = ({ box }) => box.left < edge.left - 1 || box.right > edge.right + 1
    || box.top < edge.top - 3 || box.bottom > edge.bottom + 3;
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
  const view = svg.closest("[data-view]")?.dataset.view ?? "strip";
  return words.flatMap((word, at) => [
    ...(isCut(word) ? [view + ": “" + word.said + "” is cut off"] : []),
    ...words.slice(at + 1).filter(({ box }) => meet(word.box, box))
      .map(({ said }) => view + ": “" + word.said + "” over “" + said + "”"),
  ]);
})`;

const faults = `[
  ...(document.documentElement.scrollWidth > document.documentElement.clientWidth
    ? ["the page scrolls sideways"] : []),
  ...${unreadableWords},
]`;
