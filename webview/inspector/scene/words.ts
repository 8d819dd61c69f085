/** Words around a plot: as many as have room, none over another, none cut off. */
import { fitting, type Label, spread, textWidth, wordWidth } from "./labels";
import type { Look } from "./looks";
import { type Anchor, type Group, lineHeight, type PlacedPlot, type Shape } from "./picture";
import { onePerPixel } from "./pixels";
import type { Bands, Step, Steps, Values, Word, Words } from "./scene";
import { stacked, stepLabels, type PlacedStep } from "./stepLabels";

type Limits = [from: number, to: number];

interface Fitted extends Label {
  anchor: Anchor;
  look?: Look;
}

const beside = 6;
/** From the top or bottom of one name at the left to the next. */
const nameHeight = 13;

export function text(x: number, y: number, said: string, look?: Look, anchor?: Anchor): Shape {
  return { tag: "text", x, y, text: said, look: look ?? "muted", anchor: anchor ?? "middle" };
}

/** The line of words with its baseline at `y`. */
export function lineOfWords(line: Words, plot: PlacedPlot, limits: Limits, y: number): Group[] {
  const { name, words, steps, bands } = line;
  if (steps) return stepLine(name, steps, plot, y);
  if (bands) return [{ name, shapes: bandNames(bands, plot, y) }];
  const fitted = (words ?? []).flatMap((word) => labelOf(word, plot, limits) ?? []);
  const shapes = fitting(fitted, limits[1], 8, limits[0]).map(({ at, width, anchor, ...label }) => {
    const x = anchor === "start" ? at - width / 2 : anchor === "end" ? at + width / 2 : at;
    return text(x, y, label.text, label.look, anchor);
  });
  return [{ name, shapes }];
}

/** Where a word wants to be; undefined where it has no place. */
function labelOf(word: Word, { x, box }: PlacedPlot, [from, to]: Limits): Fitted | undefined {
  const { look, within } = word;
  const width = wordWidth(word.text, look);
  if (within && x(within[1]) - x(within[0]) < width + 2 * beside) return undefined;
  if (word.at === "start") {
    const said = shortened(word.text, to - box.x, look);
    const wide = wordWidth(said, look);
    return { text: said, width: wide, at: box.x + wide / 2, anchor: "start", look };
  }
  const right = box.x + box.width;
  if (word.at === "end")
    return { text: word.text, width, at: right - width / 2, anchor: "end", look };
  const at = x(word.at);
  if (!(at >= Math.max(box.x, from) - 1 && at <= right + 1)) return undefined;
  const shift = width / 2 + beside;
  const aside = word.side === undefined ? 0 : word.side === "before" ? -shift : shift;
  return { text: word.text, width, at: at + aside, anchor: "middle", look };
}

function shortened(said: string, room: number, look?: Look): string {
  if (wordWidth(said, look) <= room) return said;
  const fits = Math.max(1, Math.floor(room / wordWidth("x", look)) - 1);
  return `${said.slice(0, fits)}…`;
}

function stepLine(name: string, steps: readonly Step[], plot: PlacedPlot, y: number): Group[] {
  const { x, box } = plot;
  const [left, right] = [box.x, box.x + box.width];
  const placed = steps.flatMap(({ from, to, kind }, index): PlacedStep[] => {
    const [begin, end] = [Math.max(left, x(from)), Math.min(right, x(to))];
    return end > begin ? [{ index, kind, left: begin, right: end }] : [];
  });
  const begun = placed.filter(({ index }) => x(steps[index].from) >= left);
  const ticks = onePerPixel(begun, (step) => step.left).map(({ left: at }): Shape => {
    return { tag: "line", x1: at, x2: at, y1: box.y - 7, y2: box.y - 2, look: "line" };
  });
  const names = stepLabels(placed, right).map(({ at, text: said }) => text(at, y, said));
  return [
    { name: `${name}-ticks`, shapes: y < box.y ? ticks : [] },
    { name, shapes: names },
  ];
}

/** Those of the bands that are named: each of them has so many pixels, a name needs so many. */
function namedBands({ count }: Bands, pixels: number, needed: number): number[] {
  const every = Math.max(1, Math.ceil(needed / Math.abs(pixels)));
  return Array.from({ length: Math.ceil(count / every) }, (_, index) => index * every);
}

function bandNames(bands: Bands, { x }: PlacedPlot, y: number): Shape[] {
  const { count, name, each = 1 } = bands;
  const widest = textWidth(name(count - 1)) + 8;
  return namedBands(bands, x(each) - x(0), widest).map((index) =>
    text(x((index + 0.5) * each), y, name(index)),
  );
}

/** Names at the left of a plot. */
export function namesAtLeft(labels: Bands | Values | Steps, plot: PlacedPlot): Shape[] {
  const { x } = plot.box;
  const places =
    "values" in labels
      ? valuePlaces(labels, plot)
      : "steps" in labels
        ? stepPlaces(labels, plot)
        : bandPlaces(labels, plot);
  return places.map(({ y, said, look }) => text(x - 7, y, shortened(said, x - 8), look, "end"));
}

type Place = { y: number; said: string; look?: Look };

function bandPlaces(bands: Bands, { y }: PlacedPlot): Place[] {
  const { name, each = 1 } = bands;
  return namedBands(bands, y(each) - y(0), nameHeight).map((index) => {
    return { y: y((index + 0.5) * each) + 4, said: name(index) };
  });
}

function stepPlaces({ steps }: Steps, { box, y }: PlacedPlot): Place[] {
  if (box.height < nameHeight) return [];
  const placed = steps.flatMap(({ from, to, kind }, index): PlacedStep[] =>
    to > from ? [{ index, kind, left: y(from), right: y(to) }] : [],
  );
  return stepLabels(placed, box.y + box.height, stacked).map(({ at, text: said }) => {
    return { y: at + 4, said };
  });
}

function valuePlaces({ values }: Values, { box, y }: PlacedPlot): Place[] {
  const room = 1 + Math.floor(box.height / nameHeight);
  const shown = values.slice(0, room);
  const floor = box.y + box.height + 4;
  const heights = spread(
    shown.map(({ at }) => y(at) + 4),
    nameHeight,
    floor,
  );
  return shown.map(({ text: said, look }, index) => ({ y: heights[index], said, look }));
}

export const baselines = {
  /** Of the lines above a plot, the nearest first. */
  above: ({ box, plot }: PlacedPlot, line: number): number => {
    const hasSteps = plot.above?.some(({ steps }) => steps);
    return box.y - (hasSteps ? 11 : 7) - line * lineHeight;
  },
  below: ({ box }: PlacedPlot, line: number): number => box.y + box.height + 16 + line * lineHeight,
};
