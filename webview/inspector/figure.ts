import { select, type Selection } from "d3";
import { element } from "../common/dom";

export type Group = Selection<SVGGElement, unknown, null, undefined>;

/** A picture: cells on a canvas, and over it marks and words that stay vector when exported. */
export interface Figure {
  root: HTMLElement;
  canvas: HTMLCanvasElement;
  svg: Selection<SVGSVGElement, unknown, null, undefined>;
  width: number;
  height: number;
}

/** @param label what the picture shows, for screen readers */
export function makeFigure(label: string): Figure {
  const canvas = element("canvas", { "aria-hidden": "true" });
  const root = element("div", { class: "figure", tabindex: 0, role: "application" }, canvas);
  root.setAttribute("aria-label", label);
  const svg = select(root).append("svg").attr("aria-hidden", "true");
  return { root, canvas, svg, width: 0, height: 0 };
}

/** Fits the figure to its box. Returns the canvas cleared, in CSS pixels. */
export function prepare(figure: Figure): CanvasRenderingContext2D | undefined {
  const { root, canvas, svg } = figure;
  const width = root.clientWidth;
  const height = root.clientHeight;
  const context = canvas.getContext("2d");
  if (!context || width < 2 || height < 2) return undefined;
  const density = Math.max(1, Math.min(window.devicePixelRatio, 2));
  if (canvas.width !== Math.round(width * density)) canvas.width = Math.round(width * density);
  if (canvas.height !== Math.round(height * density)) canvas.height = Math.round(height * density);
  svg.attr("width", width).attr("height", height).attr("viewBox", `0 0 ${width} ${height}`);
  Object.assign(figure, { width, height });
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** The group of that name, made on first use; its children are for one data join each. */
export function layer({ svg }: Figure, name: string): Group {
  const found = svg.select<SVGGElement>(`g.${name}`);
  return found.empty() ? svg.append("g").attr("class", name) : found;
}

/** Paints a matrix of pixels over a rectangle, one sharp cell per pixel. */
export function paintPixels(
  context: CanvasRenderingContext2D,
  pixels: Uint32Array,
  columns: number,
  place: { x: number; y: number; width: number; height: number },
): void {
  const lines = pixels.length / columns;
  if (lines < 1 || columns < 1) return;
  const sheet = new OffscreenCanvas(columns, lines);
  const sheetContext = sheet.getContext("2d");
  if (!sheetContext) return;
  const bytes = new Uint8ClampedArray(pixels.slice().buffer);
  sheetContext.putImageData(new ImageData(bytes, columns, lines), 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(sheet, place.x, place.y, place.width, place.height);
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

/** Writes words into a group, replacing what was there. */
export function write(group: Group, words: Words[]): void {
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
