import { select, type Selection } from "d3";
import { element, setHidden, setText } from "../common/dom";
import type { Absence } from "./state/traceData";

export type Group = Selection<SVGGElement, unknown, null, undefined>;

/** A picture: cells on a canvas, and over it marks and words that stay vector when exported. */
export interface Figure {
  root: HTMLElement;
  canvas: HTMLCanvasElement;
  svg: Selection<SVGSVGElement, unknown, null, undefined>;
  /** What is said where there is nothing to draw. */
  words: HTMLElement;
  again: HTMLButtonElement;
  /** Of its box, in CSS pixels; 0 while it cannot be seen. */
  width: number;
  height: number;
}

/** Happens on a figure's root, and bubbles, when its box has another size and wants to be drawn. */
export const resized = "resized";

/** @param label what the picture shows, for screen readers */
export function makeFigure(label: string): Figure {
  const canvas = element("canvas", { "aria-hidden": "true" });
  const words = element("p");
  const again = element("button", { class: "link", hidden: true }, "Try again");
  const place = element("div", { class: "instead" }, words, again);
  const root = element("div", { class: "figure", tabindex: 0, role: "application" }, canvas, place);
  root.setAttribute("aria-label", label);
  const svg = select(root).append("svg").attr("aria-hidden", "true");
  const figure = { root, canvas, svg, words, again, width: 0, height: 0 };
  new ResizeObserver(() => {
    Object.assign(figure, { width: root.clientWidth, height: root.clientHeight });
    root.dispatchEvent(new Event(resized, { bubbles: true }));
  }).observe(root);
  return figure;
}

/** Something to be said in a picture's place, and how to try again where that may help. */
export interface Instead {
  text: string;
  retry?: () => void;
}

/** Says something in the picture's place; the picture is back when there is nothing to say. */
export function instead({ root, words, again }: Figure, said: string | Instead): boolean {
  const { text, retry } = typeof said === "string" ? { text: said, retry: undefined } : said;
  setText(words, text);
  setHidden(again, retry === undefined);
  again.onclick = retry ?? null;
  root.classList.toggle("is-empty", text !== "");
  return text !== "";
}

/** What to say of something that is not there. */
export function absenceWords(absence: Absence, asked: string, missing: string): Instead {
  if (absence.kind === "failed") return { text: absence.message, retry: absence.again };
  return { text: absence.kind === "asked" ? asked : missing };
}

/** Of scores, for every view that needs them. */
export function scoresAbsent(absence: Absence): Instead {
  return absenceWords(
    absence,
    "Reading the scores…",
    "This trace does not hold all scores of this compaction.",
  );
}

const drawnFrom = new WeakMap<Figure, readonly unknown[]>();

/** Fits the figure to its box; false where there is nothing to draw on. Reads no layout. */
export function prepare(figure: Figure): boolean {
  const { canvas, svg, width, height } = figure;
  if (width < 2 || height < 2) return false;
  const [columns, lines] = [width, height].map((length) => Math.round(length * density()));
  if (canvas.width === columns && canvas.height === lines) return true;
  Object.assign(canvas, { width: columns, height: lines });
  svg.attr("width", width).attr("height", height).attr("viewBox", `0 0 ${width} ${height}`);
  drawnFrom.delete(figure);
  return true;
}

/** Whether the figure has another size, or was last drawn from other things than these. */
export function isStale(figure: Figure, ...from: unknown[]): boolean {
  const before = drawnFrom.get(figure);
  drawnFrom.set(figure, from);
  return before?.length !== from.length || from.some((thing, index) => thing !== before[index]);
}

/** The canvas, cleared, in CSS pixels; undefined where it shows these things already. */
export function canvasOf(figure: Figure, ...from: unknown[]): CanvasRenderingContext2D | undefined {
  if (!isStale(figure, ...from)) return undefined;
  const context = figure.canvas.getContext("2d") ?? undefined;
  context?.setTransform(density(), 0, 0, density(), 0, 0);
  context?.clearRect(0, 0, figure.width, figure.height);
  return context;
}

const density = () => Math.max(1, Math.min(window.devicePixelRatio, 2));

/** The group of that name, made on first use; its children are for one data join each. */
export function layer({ svg }: Figure, name: string): Group {
  const found = svg.select<SVGGElement>(`g.${name}`);
  return found.empty() ? svg.append("g").attr("class", name) : found;
}

const sheets = new WeakMap<HTMLCanvasElement, OffscreenCanvas>();

/** Paints a matrix of pixels over a rectangle, one sharp cell per pixel. */
export function paintPixels(
  context: CanvasRenderingContext2D,
  pixels: Uint32Array<ArrayBuffer>,
  columns: number,
  place: { x: number; y: number; width: number; height: number },
): void {
  const lines = pixels.length / columns;
  if (lines < 1 || columns < 1) return;
  const sheet = sheets.get(context.canvas) ?? new OffscreenCanvas(columns, lines);
  sheets.set(context.canvas, sheet);
  if (sheet.width !== columns || sheet.height !== lines)
    Object.assign(sheet, { width: columns, height: lines });
  const bytes = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  sheet.getContext("2d")?.putImageData(new ImageData(bytes, columns, lines), 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(sheet, place.x, place.y, place.width, place.height);
}

/** At most one thing for each pixel along an axis, the first: more of them no screen can show. */
export function onePerPixel<T>(things: readonly T[], at: (thing: T) => number): T[] {
  let last = NaN;
  return things.filter((thing) => {
    const pixel = Math.floor(at(thing));
    const isNew = pixel !== last;
    last = pixel;
    return isNew;
  });
}

export interface Words {
  x: number;
  y: number;
  text: string;
  /** CSS classes: muted, mark, strong. */
  kind?: string;
  anchor?: "start" | "middle" | "end";
  turn?: number;
}

const drawn = new WeakMap<SVGGElement, readonly object[]>();

/** Whether a group shows other things than it did; the DOM is touched for those alone. */
function differs(group: Group, things: readonly object[]): boolean {
  const node = group.node();
  if (!node) return false;
  const before = drawn.get(node);
  drawn.set(node, things);
  return before?.length !== things.length || !things.every((thing, i) => alike(thing, before[i]));
}

function alike(a: object, b: object): boolean {
  const names = Object.keys(a) as (keyof typeof a)[];
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** Writes words into a group, replacing what was there. */
export function write(group: Group, words: Words[]): void {
  if (!differs(group, words)) return;
  group
    .selectAll<SVGTextElement, Words>("text")
    .data(words)
    .join("text")
    .attr("class", ({ kind }) => kind ?? "muted")
    .attr("text-anchor", ({ anchor }) => anchor ?? "start")
    .attr("transform", ({ x, y, turn }) => `translate(${x},${y})${turn ? `rotate(${turn})` : ""}`)
    .text(({ text }) => text);
}

export interface Line {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  kind?: string;
}

export function rule(group: Group, lines: Line[]): void {
  if (!differs(group, lines)) return;
  group
    .selectAll<SVGLineElement, Line>("line")
    .data(lines)
    .join("line")
    .attr("class", ({ kind }) => kind ?? "line")
    .attr("x1", ({ x1 }) => x1)
    .attr("x2", ({ x2 }) => x2)
    .attr("y1", ({ y1 }) => y1)
    .attr("y2", ({ y2 }) => y2);
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  kind: string;
}

export function frame(group: Group, boxes: Box[]): void {
  if (!differs(group, boxes)) return;
  group
    .selectAll<SVGRectElement, Box>("rect")
    .data(boxes)
    .join("rect")
    .attr("class", ({ kind }) => kind)
    .attr("x", ({ x }) => x)
    .attr("y", ({ y }) => y)
    .attr("width", ({ width }) => Math.max(0, width))
    .attr("height", ({ height }) => Math.max(0, height));
}

export interface Curve {
  d: string | null;
  kind: string;
}

export function curves(group: Group, paths: Curve[]): void {
  if (!differs(group, paths)) return;
  group
    .selectAll<SVGPathElement, Curve>("path")
    .data(paths)
    .join("path")
    .attr("class", ({ kind }) => kind)
    .attr("d", ({ d }) => d);
}
