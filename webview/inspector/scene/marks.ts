/** Marks of a scene as shapes in pixels. */
import { area, line, type ScaleLinear } from "d3";
import { leastFrame, standsOut, type Look } from "./looks";
import type { PlacedBars, PlacedPlot, Shape } from "./picture";
import { onePerPixel } from "./pixels";
import type { Bars, Mark, Point, Span } from "./scene";

type Line = ScaleLinear<number, number>;

export function shapesOf(mark: Mark, plot: PlacedPlot): Shape[] {
  const { x, y, box } = plot;
  switch (mark.mark) {
    case "box":
      return boxOf(mark.x, mark.y, mark.look, plot);
    case "rule":
      return ruleOf(mark.x, mark.y, mark.look, plot);
    case "curve":
      return pathOf(curve(x, y)(mark.points), mark.look);
    case "area":
      return pathOf(under(x, y)(mark.points), mark.look);
    case "pins":
      return pathOf(pins(onePerPixel(mark.x, x), mark.to, plot), mark.look);
    case "ticks":
      return onePerPixel(mark.x, x).map((at) => {
        const floor = box.y + box.height;
        return { tag: "line", x1: x(at), x2: x(at), y1: floor, y2: floor + 5, look: mark.look };
      });
    case "edge":
      return edgeOf(mark.side, mark.span, mark.look, plot);
    default:
      return mark satisfies never;
  }
}

/** A span in pixels, clipped to the axis; undefined where nothing of it is there. */
function clipped(span: Span | undefined, scale: Line): [from: number, length: number] | undefined {
  const [start, end] = scale.range();
  const [from, to] = (span ?? scale.domain()).map((value) =>
    Math.max(start, Math.min(end, scale(value))),
  );
  return to > from ? [from, to - from] : undefined;
}

function boxOf(x: Span | undefined, y: Span | undefined, look: Look, plot: PlacedPlot): Shape[] {
  const [across, down] = [clipped(x, plot.x), clipped(y, plot.y)];
  if (!across || !down) return [];
  const out = standsOut[look] ?? 0;
  const least = leastFrame[look] ?? 0;
  const [left, width] = widened(across, least);
  const [top, height] = widened(down, least);
  const full = y === undefined ? out : 0;
  return [{ tag: "rect", x: left, y: top - full, width, height: height + 2 * full, look }];
}

function widened([from, length]: [number, number], least: number): [number, number] {
  const missing = Math.max(0, least - length);
  return [from - missing / 2, length + missing];
}

function ruleOf(
  at: number | undefined,
  height: number | undefined,
  look: Look,
  { x, y, box }: PlacedPlot,
): Shape[] {
  const out = standsOut[look] ?? 0;
  const [right, floor] = [box.x + box.width, box.y + box.height];
  if (at !== undefined) {
    const x1 = x(at);
    if (!(x1 >= box.x && x1 <= right)) return [];
    return [{ tag: "line", x1, x2: x1, y1: box.y - out, y2: floor + out, look }];
  }
  const y1 = y(height ?? 0);
  return [{ tag: "line", x1: box.x, x2: right, y1, y2: y1, look }];
}

const isKnown = (point: Point): boolean => point.every(Number.isFinite);

function curve(x: Line, y: Line) {
  return line<Point>(
    ([at]) => x(at),
    ([, value]) => y(value),
  ).defined(isKnown);
}

function under(x: Line, y: Line) {
  return area<Point>(
    ([at]) => x(at),
    y(0),
    ([, value]) => y(value),
  ).defined(isKnown);
}

const pathOf = (d: string | null, look: Look): Shape[] => (d ? [{ tag: "path", d, look }] : []);

/** Needles with a head of eight pixels, from 0 upwards or downwards. */
function pins(places: number[], to: number, { x, y }: PlacedPlot): string {
  const [root, tip] = [y(0), y(to)];
  const back = tip < root ? 8 : -8;
  return places
    .map((place) => x(place).toFixed(1))
    .map((at) => `M${at},${root}h-.75V${tip}h1.5V${root}ZM${at},${tip}l-4,${back}h8Z`)
    .join("");
}

function edgeOf(side: "left" | "below", span: Span, look: Look, plot: PlacedPlot): Shape[] {
  const { box } = plot;
  const along = clipped(span, side === "left" ? plot.y : plot.x);
  if (!along) return [];
  const [from, length] = along;
  if (side === "left")
    return [{ tag: "rect", x: box.x - 3, y: from, width: 2, height: length, look }];
  return [{ tag: "rect", x: from, y: box.y + box.height + 8, width: length, height: 3, look }];
}

/** From so many pixels on, bars have a gap between them. */
const wide = 3;

export function barsOf(bars: Bars, plot: PlacedPlot): PlacedBars {
  const { x, y, box } = plot;
  const rects = bars.bars.map((bar) => {
    const [x0, x1] = bar.x.map(x);
    const [y0, y1] = bar.y.map(y);
    const thick = (from: number, to: number, along: "x" | "y"): number => {
      const length = Math.abs(to - from);
      if (bars.along !== along) return length;
      return length > wide ? length - 1 : Math.max(1, length);
    };
    const [width, height] = [thick(x0, x1, "x"), thick(y0, y1, "y")];
    const { fill, isFaint = false } = bar;
    return { x: Math.min(x0, x1), y: Math.min(y0, y1), width, height, fill, isFaint };
  });
  return { of: bars, within: box, rects };
}
