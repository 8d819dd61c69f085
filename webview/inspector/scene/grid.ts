/** Where the plots of a scene stand: margins follow from labels, the rest of the room is shared. */
import { greatest, max, min, range, sum } from "d3";
import { textWidth, wordWidth } from "./labels";
import { type Box, lineHeight } from "./picture";
import type { Axis, Plot, Scene, Size, Track } from "./scene";

/** Length of the tracks that have no share, in pixels like all that follows. */
const fixed = { thin: 15, side: 58 };
/** Between plots, and at the edges of the figure. */
const gap = 10;
/** Beside thin plots, which belong to their neighbour. */
const thinGap = 3;
const footRoom = 4;
/** For the ticks of steps, and for marks at the lower edge. */
const tickRoom = 6;
const edgeRoom = 9;
/** Between words and the edge of the figure. */
const edge = 6;
/** Beside the names at an axis, on both sides of them. */
const nameRoom = 15;
/** Of the figure's width, names at an axis may take so much. */
const mostNames = 0.4;
/** Names at an axis whose width is looked at. */
const mostMeasured = 64;

/** Of one column or row: room before its plots, theirs, and room after them. */
interface Lane {
  before: number;
  length: number;
  after: number;
  /** Share of the room that the others leave; 0 where the length is fixed. */
  weight: number;
}

export interface Place {
  plot: Plot;
  box: Box;
  /** Left and right end of the lines of words above and below. */
  words: [from: number, to: number];
}

/** The plots that have room, each with its place. */
export function placesOf(scene: Scene, size: Size): Place[] {
  if (scene.isTiled) return placesOf(tiled(scene, size), size);
  const { plots } = scene;
  const columns = lanesOf(plots, "column", scene.columns, size);
  const rows = lanesOf(plots, "row", scene.rows, size);
  capRows(plots, rows);
  squareUp(plots, columns, rows);
  const low = plots.find((plot) => (plot.least ?? 0) > rows[rowOf(plot)].length);
  const smaller = low && smallerThan(scene, low);
  if (smaller) return placesOf(smaller, size);
  const [lefts, tops] = [starts(columns), starts(rows)];
  return plots.map((plot) => {
    const [column, row] = [columnOf(plot), rowOf(plot)];
    const last = column + (plot.place?.columns ?? 1) - 1;
    const end = lefts[last] + columns[last].length;
    const width = plot.isSquare ? rows[row].length : end - lefts[column];
    const box = { x: lefts[column], y: tops[row], width, height: rows[row].length };
    const isLast = last === columns.length - 1;
    return {
      plot,
      box,
      words: [
        column === 0 ? edge : lefts[column],
        isLast ? size.width - edge : Math.max(end, box.x + width),
      ],
    };
  });
}

/** The grid of as many columns as makes squares largest, the words above them counted in. */
function tiled(scene: Scene, { width, height }: Size): Scene {
  const above = roomAbove(scene.plots, gap);
  const { length } = scene.plots;
  const sideAt = (columns: number): number => {
    const rows = Math.ceil(length / columns);
    return Math.min((width - gap) / columns - gap, (height - footRoom) / rows - above);
  };
  const columns = greatest(range(1, length + 1), sideAt) ?? 1;
  const plots = scene.plots.map((plot, index): Plot => {
    return { ...plot, place: { column: index % columns, row: Math.floor(index / columns) } };
  });
  const even = (count: number): Track[] => Array.from({ length: count }, () => 1);
  const rows = even(Math.ceil(plots.length / columns));
  return { ...scene, isTiled: false, plots, columns: even(columns), rows };
}

const columnOf = ({ place }: Plot): number => place?.column ?? 0;
const rowOf = ({ place }: Plot): number => place?.row ?? 0;

/**
 * Without the row that had too little room. Where that is the main plot's, others give way to it, and
 * then the words farthest above it; undefined where nothing is left to give way.
 */
function smallerThan(scene: Scene, low: Plot): Scene | undefined {
  const main = rowOf(scene.plots[0]);
  const { length } = scene.rows ?? [1];
  if (rowOf(low) !== main) return withRows(scene, 0, rowOf(low));
  if (main + 1 < length) return withRows(scene, 0, main + 1);
  if (main > 0) return withRows(scene, main, length);
  const lines = max(scene.plots, ({ above = [] }) => above.length) ?? 0;
  if (lines === 0) return undefined;
  const plots = scene.plots.map((plot) => ({ ...plot, above: plot.above?.slice(0, lines - 1) }));
  return { ...scene, plots };
}

/** Those of its rows alone that are in [from, to). */
function withRows(scene: Scene, from: number, to: number): Scene {
  const plots = scene.plots.flatMap((plot): Plot[] => {
    const [column, row] = [columnOf(plot), rowOf(plot)];
    if (row < from || row >= to) return [];
    return [{ ...plot, place: { ...plot.place, column, row: row - from } }];
  });
  return { ...scene, plots, rows: scene.rows?.slice(from, to) };
}

function lanesOf(
  plots: Plot[],
  way: "column" | "row",
  tracks: Track[] = [1],
  { width, height }: Size,
): Lane[] {
  const lanes = tracks.map((track, index): Lane => {
    const own = plots.filter((plot) => (way === "row" ? rowOf(plot) : columnOf(plot)) === index);
    const isNear = index > 0 && (track === "thin" || tracks[index - 1] === "thin");
    const between = isNear ? thinGap : gap;
    const [before, after] =
      way === "row"
        ? [roomAbove(own, between), roomBelow(own)]
        : [roomLeft(own, between, width), 0];
    return typeof track === "number"
      ? { before, length: 0, after, weight: track }
      : { before, length: fixed[track], after, weight: 0 };
  });
  lanes[lanes.length - 1].after += way === "row" ? footRoom : gap + footRoom;
  share(lanes, way === "row" ? height : width);
  return lanes;
}

/** Shares what the fixed lanes leave among the others, by weight. */
function share(lanes: Lane[], total: number): void {
  const taken = sum(lanes, ({ before, length, after, weight }) =>
    weight > 0 ? before + after : before + length + after,
  );
  const weights = sum(lanes, ({ weight }) => weight);
  for (const lane of lanes)
    if (lane.weight > 0) lane.length = (Math.max(0, total - taken) * lane.weight) / weights;
}

function roomAbove(plots: Plot[], between: number): number {
  const lines = max(plots, ({ above = [] }) => above.length) ?? 0;
  const hasSteps = plots.some(({ above = [] }) => above.some(({ steps }) => steps));
  return lines * lineHeight + (hasSteps ? tickRoom : 0) + (lines > 0 ? 7 : between);
}

function roomBelow(plots: Plot[]): number {
  const lines = max(plots, ({ below = [] }) => below.length) ?? 0;
  const marks = plots.flatMap(({ layers = [] }) => layers.flatMap((layer) => layer.marks));
  const hasEdge = marks.some(
    (mark) => mark.mark === "ticks" || (mark.mark === "edge" && mark.side === "below"),
  );
  return lines * lineHeight + (hasEdge ? edgeRoom : 0) + (lines > 0 ? 5 : 0);
}

function roomLeft(plots: Plot[], between: number, width: number): number {
  const widest = max(plots, ({ y: { labels } }) => {
    if (!labels) return 0;
    return max(namesOf(labels), (name) => textWidth(name)) ?? 0;
  });
  return widest ? Math.min(widest, mostNames * width) + nameRoom : between;
}

/** Those among which the widest is. */
function namesOf(labels: NonNullable<Axis["labels"]>): string[] {
  if ("values" in labels) return labels.values.map(({ text }) => text);
  if ("steps" in labels) return ["Prompt", `Step ${labels.steps.length - 1}`];
  return measured(labels.count).map(labels.name);
}

/** Indices of names, the first and the last among them: all that there are, or so many of them. */
function measured(count: number): number[] {
  const length = Math.min(count, mostMeasured);
  const between = (count - 1) / Math.max(1, length - 1);
  return Array.from({ length }, (_, index) => Math.round(index * between));
}

/** Rows no higher than their axes want to be. */
function capRows(plots: Plot[], rows: Lane[]): void {
  for (const { y, place } of plots) {
    const row = rows[place?.row ?? 0];
    const wanted = (y.most ?? Infinity) * Math.abs(y.domain[1] - y.domain[0]);
    row.length = Math.min(row.length, wanted);
  }
}

/** Makes the cells of square plots squares of one size; the other columns get what they leave. */
function squareUp(plots: Plot[], columns: Lane[], rows: Lane[]): void {
  const squares = plots.filter(({ isSquare }) => isSquare);
  if (squares.length === 0) return;
  const total = sum(columns, ({ before, length, after }) => before + length + after);
  const lanes = squares.flatMap((plot) => [columns[columnOf(plot)], rows[rowOf(plot)]]);
  const side = min(lanes, ({ length }) => length) ?? 0;
  for (const square of squares) {
    rows[rowOf(square)].length = side;
    const words = (square.above ?? []).flatMap((line) => line.words ?? []);
    const title = max(words, ({ text, look }) => wordWidth(text, look)) ?? 0;
    Object.assign(columns[columnOf(square)], { length: Math.max(side, title), weight: 0 });
  }
  share(columns, total);
}

/** Where the plots of each lane begin. */
function starts(lanes: Lane[]): number[] {
  let at = 0;
  return lanes.map(({ before, length, after }) => {
    const start = at + before;
    at = start + length + after;
    return start;
  });
}
