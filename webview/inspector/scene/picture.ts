/** A scene in pixels: what is painted, what is drawn, and which plot lies where. */
import type { ScaleLinear } from "d3";
import type { Fill, Look } from "./looks";
import type { Bars, Cells, Plot, Size } from "./scene";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Shape =
  | ({ tag: "rect"; look: Look } & Box)
  | { tag: "line"; x1: number; y1: number; x2: number; y2: number; look: Look }
  | { tag: "path"; d: string; look: Look }
  | { tag: "text"; x: number; y: number; text: string; anchor: Anchor; look: Look };

export type Anchor = "start" | "middle" | "end";

/** Shapes of one meaning, drawn one after the other. */
export interface Group {
  name: string;
  shapes: Shape[];
}

export interface PlacedCells {
  cells: Cells;
  /** Of the whole matrix, which may reach beyond the plot. */
  box: Box;
  within: Box;
}

export interface PlacedBars {
  /** What they are of: the same bars at the same place look the same. */
  of: Bars | object;
  within: Box;
  rects: (Box & { fill: Fill; isFaint: boolean })[];
}

export interface PlacedPlot {
  plot: Plot;
  box: Box;
  x: ScaleLinear<number, number>;
  y: ScaleLinear<number, number>;
}

export interface Picture {
  size: Size;
  plots: PlacedPlot[];
  cells: PlacedCells[];
  bars: PlacedBars[];
  groups: Group[];
}

export const fontSize = 11;
/** From one line of words to the next, in pixels. */
export const lineHeight = 15;
