/** What the colours mean: beside the plots where they leave room, else a line at the foot. */
import { placesOf } from "./grid";
import { textWidth } from "./labels";
import type { Fill } from "./looks";
import {
  type Box,
  type Group,
  lineHeight,
  type PlacedBars,
  type PlacedCells,
  type PlacedPlot,
  type Shape,
} from "./picture";
import type { Cells, Legend, Scene, Size } from "./scene";
import { text } from "./words";

export interface PlacedLegend {
  cells: PlacedCells[];
  bars: PlacedBars[];
  words: Group;
}

/** Width and height that a legend beside a plot needs. */
const roomy = { width: 120, height: 90 };
const besideGap = 20;
const rampHeight = 60;
const edge = 4;

/** Height that the legend needs at the foot; 0 where it stands beside the plots, or has no room. */
export function legendRoom(scene: Scene, size: Size): number {
  const { legend } = scene;
  if (!legend) return 0;
  const boxes = placesOf(scene, size).map(({ box }) => box);
  if (!legend.keys && isRoomyBeside(boxes, size)) return 0;
  const brief = size.height > roomy.height ? 1 : 0;
  const lines = legend.brief === undefined ? linesOf(itemsOf(legend), size).length : brief;
  return lines > 0 ? lines * lineHeight + edge : 0;
}

function isRoomyBeside(boxes: Box[], size: Size): boolean {
  return size.width - endOf(boxes) > roomy.width && size.height > roomy.height;
}

/** Where the plots end at the right. */
const endOf = (boxes: Box[]): number => Math.max(...boxes.map(({ x, width }) => x + width));

/** @param below height at the foot that was left to it */
export function placeLegend(
  legend: Legend,
  plots: PlacedPlot[],
  size: Size,
  below: number,
): PlacedLegend {
  const [main] = plots;
  const end = Math.max(...plots.map(footOf)) + lineHeight;
  const foot = Math.min(size.height - below + lineHeight - 1, end);
  const boxes = plots.map(({ box }) => box);
  if (below === 0 && !isRoomyBeside(boxes, size)) return { cells: [], bars: [], words: group([]) };
  if (below === 0) return beside(legend, endOf(boxes) + besideGap, plots[0].box.y, size);
  const { brief } = legend;
  const left = main.box.x;
  if (brief === undefined) return placeItems(itemsOf(legend), left, foot, size);
  return { cells: [], bars: [], words: group([text(left, foot, brief, "muted", "start")]) };
}

/** Where a plot and the words below it end. */
function footOf({ plot: { below = [] }, box }: PlacedPlot): number {
  return box.y + box.height + (below.length > 0 ? below.length * lineHeight + 5 : 0);
}

const group = (shapes: Shape[]): Group => ({ name: "legend", shapes });

/** One meaning in a line of them. */
type Item =
  | { kind: "ramp"; ramp: NonNullable<Legend["ramp"]> }
  | { kind: "key"; fill: Fill; text: string }
  | { kind: "words"; text: string };

function itemsOf({ ramp, keys = [], words }: Legend): Item[] {
  const ramps: Item[] = ramp ? [{ kind: "ramp", ramp }] : [];
  return [
    ...ramps,
    ...keys.map((key): Item => ({ kind: "key", fill: key.fill, text: key.text })),
    ...words.map((said): Item => ({ kind: "words", text: said })),
  ];
}

const keySize = 8;
const rampWidth = 70;
/** Beside a ramp or a key, and between two meanings. */
const small = 5;
const between = 12;

/** Wide enough also for a font that is wider than others. */
const roomOf = (said: string): number => 1.1 * textWidth(said);

function widthOf(item: Item): number {
  if (item.kind === "words") return roomOf(item.text);
  if (item.kind === "key") return keySize + small + roomOf(item.text);
  return roomOf(item.ramp.low) + roomOf(item.ramp.high) + rampWidth + 2 * small;
}

const lengthOf = (items: Item[]): number =>
  items.reduce((length, item) => length + widthOf(item) + between, -between);

/** Of the figure's height, a legend may take so much. */
const mostHeight = 0.2;

/** As many to a line as have room, and as many lines; what has no room in a line is left out. */
function linesOf(items: Item[], { width, height }: Size): Item[][] {
  const room = width - 2 * edge;
  const lines: Item[][] = [[]];
  for (const item of items.filter((one) => widthOf(one) <= room)) {
    const line = lines[lines.length - 1];
    if (line.length > 0 && lengthOf([...line, item]) > room) lines.push([item]);
    else line.push(item);
  }
  return lines.slice(0, Math.floor((mostHeight * height) / lineHeight));
}

function placeItems(items: Item[], from: number, foot: number, size: Size): PlacedLegend {
  const cells: PlacedCells[] = [];
  const rects: PlacedBars["rects"] = [];
  const shapes = linesOf(items, size).flatMap((line, index) => {
    let at = Math.max(edge, Math.min(from, size.width - edge - lengthOf(line)));
    const y = foot + index * lineHeight;
    return line.flatMap((item): Shape[] => {
      const x = at;
      at += widthOf(item) + between;
      if (item.kind === "words") return [text(x, y, item.text, "muted", "start")];
      if (item.kind === "ramp") return placeRamp(item.ramp, x, y, cells);
      const { fill } = item;
      rects.push({ x, y: y - keySize, width: keySize, height: keySize, fill, isFaint: false });
      return [text(x + keySize + small, y, item.text, "muted", "start")];
    });
  });
  const within = { x: 0, y: 0, ...size };
  const bars = rects.length > 0 ? [{ of: items, within, rects }] : [];
  return { cells, bars, words: group(shapes) };
}

/** Lying, with its words at both ends. */
function placeRamp(ramp: NonNullable<Legend["ramp"]>, x: number, y: number, cells: PlacedCells[]) {
  const left = x + roomOf(ramp.low) + small;
  const box = { x: left, y: y - keySize, width: rampWidth, height: keySize };
  cells.push(rampOf(ramp, box, "lying"));
  return [
    text(left - small, y, ramp.low, "muted", "end"),
    text(left + rampWidth + small, y, ramp.high, "muted", "start"),
  ];
}

function beside({ ramp, words }: Legend, left: number, top: number, size: Size): PlacedLegend {
  const box = { x: left, y: top + 8, width: 12, height: rampHeight };
  const from = ramp ? top + rampHeight + 32 : top + 12;
  const room = Math.floor((size.height - from) / lineHeight) + 1;
  const shown = words.slice(0, Math.max(0, room));
  const lines = shown.map((said, index) =>
    text(left, from + index * lineHeight, said, "muted", "start"),
  );
  const ends = ramp
    ? [
        text(left + 18, top + 18, ramp.high, "muted", "start"),
        text(left + 18, top + 68, ramp.low, "muted", "start"),
      ]
    : [];
  return {
    cells: ramp ? [rampOf(ramp, box, "standing")] : [],
    bars: [],
    words: group([...ends, ...lines]),
  };
}

const shades = 60;
const ascending = Float32Array.from({ length: shades }, (_, at) => at / (shades - 1));
const descending = ascending.toReversed();

const ramps = new Map<string, Cells>();

/** The same cells at each call, so that they need not be painted again. */
function rampOf(
  { scale }: NonNullable<Legend["ramp"]>,
  box: Box,
  way: "standing" | "lying",
): PlacedCells {
  const name = `${way} ${JSON.stringify(scale)}`;
  const [columns, values] = way === "lying" ? [shades, ascending] : [1, descending];
  const cells = ramps.get(name) ?? { columns, values, scale };
  ramps.set(name, cells);
  return { cells, box, within: box };
}
