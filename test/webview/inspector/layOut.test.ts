/** Every view at many sizes, in pixels: no word over another, none cut off, all within the figure. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { textWidth } from "../../../webview/inspector/scene/labels";
import { fitted } from "../../../webview/inspector/scene/layOut";
import type { Picture, Shape } from "../../../webview/inspector/scene/picture";
import type { Size } from "../../../webview/inspector/scene/scene";
import { views } from "../../../webview/inspector/views";
import { strip } from "../../../webview/inspector/views/strip";
import { pairs, traces, type Staged } from "../../support/inspector/sceneTraces";

const widths = [240, 320, 700, 1600];
const heights = [70, 130, 320];
const pictures = {
  strip,
  ...Object.fromEntries(Object.entries(views).map(([name, row]) => [name, row.view])),
};

const { small, one, huge, hostile, voted } = traces;
const staged = { small, one, huge, hostile, voted, "other prompts": pairs["other prompts"] };

for (const [name, begin] of Object.entries(staged))
  describe(`the ${name} trace`, () => {
    const stage = begin();
    for (const [view, of] of Object.entries(pictures))
      test(`${view}, at ${widths.length * heights.length} sizes`, async () => {
        const shown = await stage;
        for (const width of widths)
          for (const height of heights)
            assert.deepEqual(
              faults(await pictureOf(of, shown, { width, height })),
              [],
              `${width} × ${height}`,
            );
      });
  });

/** As the page makes it, of what is there once the view has asked for it. */
async function pictureOf(
  view: typeof strip,
  { state, data }: Staged,
  size: Size,
): Promise<Picture> {
  await data.sceneOf(view, state, size);
  return fitted((room) => view(state, data, room), size, { width: 0, height: 0 }).picture;
}

interface Word {
  text: string;
  left: number;
  right: number;
  baseline: number;
}

function wordOf(shape: Shape): Word[] {
  if (shape.tag !== "text" || shape.text.trim() === "") return [];
  const { x, anchor, text, y: baseline } = shape;
  const width = textWidth(text);
  const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
  return [{ text, left, right: left + width, baseline }];
}

function faults({ size, groups, plots }: Picture): string[] {
  const words = groups
    .filter(({ name }) => name !== "instead")
    .flatMap(({ shapes }) => shapes.flatMap(wordOf));
  const isCut = ({ left, right, baseline }: Word): boolean =>
    left < -1 || right > size.width + 1 || baseline < 6 || baseline > size.height + 1;
  const meet = (a: Word, b: Word): boolean =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
    Math.abs(a.baseline - b.baseline) < 9;
  return [
    ...words.filter(isCut).map(({ text }) => `“${text}” is cut off`),
    ...words.flatMap((word, index) =>
      words
        .slice(index + 1)
        .filter((other) => meet(word, other))
        .map(({ text }) => `“${word.text}” over “${text}”`),
    ),
    ...plots
      .filter(({ box }) => !(box.width >= 0 && box.height >= 0))
      .map(() => "a plot is turned inside out"),
  ];
}
