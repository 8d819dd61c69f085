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
import type { Cells, Scene } from "../scene/scene";
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
export function keyOf(scene: Scene, { cells, plots }: Picture, width: number): Piece[] {
  const own = plots.flatMap(({ plot }) => plot.cells ?? []).length;
  const entries = [...rampsOf(scene, cells.length > own), ...fillsOf(scene)];
  return entries.length === 0 ? [] : [set(entries, width)];
}

/** @param isDrawn whether the view's own legend found room for its ramp */
function rampsOf({ plots, legend, flow }: Scene, isDrawn: boolean): Entry[] {
  const shown = plots.flatMap(({ cells = [] }) => cells.map(({ scale }) => scale));
  const byName = new Map(shown.map((scale) => [scale.scale, scale]));
  const own = legend?.ramp;
  if (own) byName.delete(own.scale.scale);
  return [
    ...(flow ? [ramp({ scale: "held" }, "struck: held by none", "by all")] : []),
    ...(own && !isDrawn ? [ramp(own.scale, own.low, own.high)] : []),
    ...[...byName.values()].flatMap(entriesOf),
  ];
}

function ramp(scale: Scale, before: string, after: string): Entry {
  return { before, after, patch: rampOf(scale) };
}

function entriesOf(scale: Scale): Entry[] {
  const one = (value: number, after: string) => ({ after, patch: patchOf(scale, value) });
  switch (scale.scale) {
    case "held":
      return [ramp(scale, "held by none", "by all")];
    case "heldAtEnd":
      return [ramp(scale, "held by none at the end", "by all")];
    case "agreed":
      return [ramp(scale, "nothing in common", "all")];
    case "similar":
      return [ramp(scale, "cosine 0", `1, bright above ${scale.above}`)];
    case "alike":
      return [ramp(scale, "mean cosine 0", String(scale.most))];
    case "count":
      return [ramp(scale, "0", String(scale.most))];
    case "lost":
      return [ramp(scale, "0 % of attention lost", "100 %")];
    case "difference":
      return [one(1, "only here"), one(0, "both"), one(-1, "only the other")];
    case "life":
      return [one(1, "held"), one(0.5, "evicted then"), one(0, "gone")];
    case "evicted":
      return [one(1, "evicted just now")];
    default:
      return scale satisfies never;
  }
}

/** What nothing looks like has a stretch of its own. */
function rampOf(scale: Scale): Cells {
  const share = (_: unknown, at: number) =>
    Math.max(0, (at - patch.one) / (patch.ramp - 1 - patch.one));
  return { columns: patch.ramp, values: Float32Array.from({ length: patch.ramp }, share), scale };
}

function patchOf(scale: Scale, value: number): Cells {
  return { columns: 1, values: Float32Array.of(value), scale };
}

/** Fills whose bars stand for a number of their own; the others are what is left of a whole. */
const fillWords: Partial<Record<Fill, string>> = {
  importance: "importance",
  redundancy: "redundancy",
  cost: "divergence",
  firstOther: "first another token",
};

function fillsOf({ plots, legend }: Scene): Entry[] {
  const told = new Set(legend?.keys?.map(({ fill }) => fill));
  const shown = plots.flatMap(({ bars = [] }) =>
    bars.flatMap((of) => of.bars.map(({ fill }) => fill)),
  );
  return [...new Set(shown)].flatMap((fill) => {
    const after = fillWords[fill];
    return after === undefined || told.has(fill) ? [] : [{ after, patch: fill }];
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
