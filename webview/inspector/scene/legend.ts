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

/** Height that the legend needs at the foot; 0 where it stands beside the plots. */
export function legendRoom(scene: Scene, size: Size): number {
  const keys = scene.legend?.keys;
  if (keys) return keyLines(keys, size.width).length * lineHeight + edge;
  const isRoomy = size.width - endOf(scene, size) > roomy.width && size.height > roomy.height;
  return isRoomy ? 0 : lineHeight + edge;
}

/** Where the plots end at the right. */
function endOf(scene: Scene, size: Size): number {
  return Math.max(...placesOf(scene, size).map(({ box }) => box.x + box.width));
}

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
  if (legend.keys) return placeKeys(legend.keys, main.box.x, foot, size);
  if (below === 0) return beside(legend, plots, size);
  const brief = legend.brief ?? legend.words.join(" · ");
  return { cells: [], bars: [], words: group([text(main.box.x, foot, brief, "muted", "start")]) };
}

/** Where a plot and the words below it end. */
function footOf({ plot: { below = [] }, box }: PlacedPlot): number {
  return box.y + box.height + (below.length > 0 ? below.length * lineHeight + 5 : 0);
}

const group = (shapes: Shape[]): Group => ({ name: "legend", shapes });

type Key = { fill: Fill; text: string };

const keyWidth = (key: Key): number => textWidth(key.text) + 24;
const widthOf = (keys: Key[]): number => keys.reduce((sum, key) => sum + keyWidth(key), 0);

/** As many keys to a line as have room. */
function keyLines(keys: Key[], width: number): Key[][] {
  const lines: Key[][] = [[]];
  for (const key of keys) {
    const line = lines[lines.length - 1];
    if (line.length > 0 && widthOf([...line, key]) > width - 2 * edge) lines.push([key]);
    else line.push(key);
  }
  return lines;
}

function placeKeys(keys: Key[], from: number, foot: number, size: Size): PlacedLegend {
  const rects: PlacedBars["rects"] = [];
  const shapes = keyLines(keys, size.width).flatMap((line, index) => {
    let at = Math.max(edge, Math.min(from, size.width - edge - widthOf(line)));
    const y = foot + index * lineHeight;
    return line.map((key) => {
      const x = at;
      at += keyWidth(key);
      rects.push({ x, y: y - 8, width: 8, height: 8, fill: key.fill, isFaint: false });
      return text(x + 12, y, key.text, "muted", "start");
    });
  });
  const within = { x: 0, y: 0, ...size };
  return { cells: [], bars: [{ of: keys, within, rects }], words: group(shapes) };
}

function beside({ ramp, words }: Legend, plots: PlacedPlot[], size: Size): PlacedLegend {
  const left = Math.max(...plots.map(({ box }) => box.x + box.width)) + besideGap;
  const top = plots[0].box.y;
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
  return { cells: ramp ? [rampOf(ramp, box)] : [], bars: [], words: group([...ends, ...lines]) };
}

const descending = Float32Array.from({ length: rampHeight }, (_, at) => 1 - at / (rampHeight - 1));

const ramps = new Map<string, Cells>();

/** The same cells at each call, so that they need not be painted again. */
function rampOf({ scale }: NonNullable<Legend["ramp"]>, box: Box): PlacedCells {
  const name = JSON.stringify(scale);
  const cells = ramps.get(name) ?? { columns: 1, values: descending, scale };
  ramps.set(name, cells);
  return { cells, box, within: box };
}
