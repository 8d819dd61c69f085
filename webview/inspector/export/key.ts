/**
 * What colours mean, for a figure that nobody can point at: those of the matrices, bars and text
 * which the view's own legend leaves to the page around it.
 */
import { textWidth } from "../scene/labels";
import type { Fill, Scale } from "../scene/looks";
import {
  lineHeight,
  type Picture,
  type PlacedBars,
  type PlacedCells,
  type Shape,
} from "../scene/picture";
import type { Cells, Legend, Scene } from "../scene/scene";
import { text } from "../scene/words";
import { pieceOf, type Piece } from "./drawing";

/** A patch of colour with words on one side or both. */
interface Entry {
  before?: string;
  after: string;
  /** As long as there are columns in it, in pixels. */
  patch: Cells | Fill;
}

const patch = { ramp: 60, one: 10, height: 9 };
/** From an entry to the next, and from a patch to its words. */
const gaps = { entries: 18, words: 5 };
const ascent = 11;

/** Of what a picture shows, in lines of that width; nothing where the picture says it all itself. */
export function keyOf(scene: Scene, picture: Picture, width: number): Piece[] {
  const entries = scene.legend
    ? undrawn(scene.legend, picture)
    : [...scalesOf(scene), ...fillsOf(scene)];
  return entries.length === 0 ? [] : [set(entries, width)];
}

/** The ramp of the view's own legend, where that found no room for it. */
function undrawn({ ramp }: Legend, { cells, plots }: Picture): Entry[] {
  const own = plots.flatMap(({ plot }) => plot.cells ?? []).length;
  return !ramp || cells.length > own ? [] : [rampOf(ramp.scale, ramp.low, ramp.high)];
}

function scalesOf({ plots, flow }: Scene): Entry[] {
  const shown = plots.flatMap(({ cells = [] }) => cells.map(({ scale }) => scale.scale));
  return [
    ...(flow ? [rampOf({ scale: "held" }, "struck: held by none", "by all")] : []),
    ...[...new Set(shown)].flatMap((name) => scaleEntries[name] ?? []),
  ];
}

/** Of those matrices whose views have no legend of their own. */
const scaleEntries: Partial<Record<Scale["scale"], Entry[]>> = {
  lost: [rampOf({ scale: "lost" }, "0 % of attention lost", "100 %")],
  life: [
    { after: "held", patch: patchOf({ scale: "life" }, 1) },
    { after: "evicted then", patch: patchOf({ scale: "life" }, 0.5) },
    { after: "gone", patch: patchOf({ scale: "life" }, 0) },
  ],
};

/** What nothing looks like has a stretch of its own. */
function rampOf(scale: Scale, before: string, after: string): Entry {
  const share = (_: unknown, at: number) =>
    Math.max(0, (at - patch.one) / (patch.ramp - 1 - patch.one));
  const values = Float32Array.from({ length: patch.ramp }, share);
  return { before, after, patch: { columns: patch.ramp, values, scale } };
}

function patchOf(scale: Scale, value: number): Cells {
  return { columns: 1, values: Float32Array.of(value), scale };
}

/** Of the bars whose views have no legend of their own. */
const fillWords: Partial<Record<Fill, string>> = {
  importance: "importance",
  redundancy: "redundancy",
};

function fillsOf({ plots }: Scene): Entry[] {
  const shown = plots.flatMap(({ bars = [] }) =>
    bars.flatMap((of) => of.bars.map(({ fill }) => fill)),
  );
  return [...new Set(shown)].flatMap((fill) => {
    const after = fillWords[fill];
    return after === undefined ? [] : [{ after, patch: fill }];
  });
}

const patchWidth = ({ patch: of }: Entry): number =>
  typeof of !== "string" && of.columns > 1 ? patch.ramp : patch.one;

const wordsWidth = (said: string | undefined): number =>
  said === undefined ? 0 : textWidth(said) + gaps.words;

function set(entries: Entry[], width: number): Piece {
  const cells: PlacedCells[] = [];
  const rects: PlacedBars["rects"] = [];
  const shapes: Shape[] = [];
  let [x, line] = [0, 0];
  for (const entry of entries) {
    const { before, after, patch: of } = entry;
    const length = wordsWidth(before) + patchWidth(entry) + wordsWidth(after);
    if (x > 0 && x + length > width) [x, line] = [0, line + 1];
    const y = ascent + line * lineHeight;
    const at = x + wordsWidth(before);
    const box = { x: at, y: y - patch.height + 1, width: patchWidth(entry), height: patch.height };
    if (before !== undefined) shapes.push(text(x, y, before, "muted", "start"));
    if (typeof of === "string") rects.push({ ...box, fill: of, isFaint: false });
    else cells.push({ cells: of, box, within: box });
    shapes.push({ tag: "rect", look: "line", ...box });
    shapes.push(text(at + box.width + gaps.words, y, after, "muted", "start"));
    x += length + gaps.entries;
  }
  const size = { width, height: (line + 1) * lineHeight };
  const bars = [{ of: entries, within: { x: 0, y: 0, ...size }, rects }];
  return pieceOf(size, { cells, bars, groups: [{ name: "key", shapes }] });
}
