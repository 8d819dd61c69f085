/** A picture before it is drawn: what is shown, what it means, what a point on it stands for. */
import type { Run } from "../model/run";
import type { Data } from "../state/data";
import type { PairOfSteps, State, Supposed } from "../state/state";
import type { Fill, Look, Scale } from "./looks";
import type { Table } from "./table";

/**
 * A picture of the state and of what a trace holds, for the room that its main plot has. Asks for
 * nothing else; what it read tells when it is to be drawn anew.
 */
export type View = (state: Readonly<State>, data: Data, size: Size) => Scene;

export interface ViewRow {
  title: string;
  /** What it shows and what the arrow keys do in it, for screen readers. */
  label: string;
  /** Whether the page has it for this run; for every run where nothing is said. */
  isFor?: (run: Run) => boolean;
  /** How it is read, in three short lines. */
  help: readonly [string, string, string];
  view: View;
}

/** Room in CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Scene {
  /** What is shown right now, in words: read before the picture, or instead of it. */
  sentence: string;
  /** The compaction that is shown, where it is not the last one before the moment: a look aside. */
  aside?: number;
  /** What lies behind the selected cell, line by line. */
  list?: List;
  /** The first one is the main one: its room is the size that the view is told. */
  plots: Plot[];
  /** Squares of one size, as many beside each other as makes them largest; no grid then. */
  isTiled?: boolean;
  /** Of the grid in which the plots stand; everything in one cell where there is none. */
  columns?: Track[];
  rows?: Track[];
  legend?: Legend;
  /** Text that flows, for the view that is no plot. */
  flow?: Flow;
  /** Said in the place of a picture that is not there. */
  instead?: Instead;
  controls?: Control[];
  /** What the arrow keys lead to; those that are not here move the selection. */
  arrows?: Partial<Record<Arrow, Target>>;
  /** The same numbers as in the picture, made when they are looked at. */
  table: () => Table;
}

/** A share of the room, or a fixed small one: for bars at an edge, or bars with a title. */
export type Track = number | "thin" | "side";

export type Span = [from: number, to: number];

/** One pair of axes and what is drawn on them, all in the axes' units. */
export interface Plot {
  /** Over so many columns; one where none is said. */
  place?: { row: number; column: number; columns?: number };
  x: Axis;
  /** The domain begins at the top. */
  y: Axis;
  cells?: Cells[];
  bars?: Bars[];
  layers?: Layer[];
  /** Lines of words, the nearest to the plot first. */
  above?: Words[];
  below?: Words[];
  /** As wide as high. */
  isSquare?: boolean;
  /** Left out where it would be lower, in pixels. */
  least?: number;
  /** Its x axis is the text's zoom: the wheel and dragging change that. */
  zooms?: boolean;
  /** What a point stands for; undefined for nothing. */
  at?: (x: number, y: number) => Target | undefined;
}

export interface Axis {
  domain: Span;
  /** At the left; an x axis has its labels in the lines of words. */
  labels?: Bands | Values | Steps;
  /** Pixels that a unit has at most. */
  most?: number;
}

/** The reasoning steps, as many as have room. */
export interface Steps {
  steps: readonly Step[];
}

/** One name for each unit of an axis, as many as have room. */
export interface Bands {
  count: number;
  name: (index: number) => string;
  /** Units that a name stands for. */
  each?: number;
}

/** Names at values, the first most important; moved apart where they are close. */
export interface Values {
  values: { at: number; text: string; look?: Look }[];
}

/** A matrix of numbers, one colour each. */
export interface Cells {
  columns: number;
  /** [lines, columns] NaN where there is nothing. */
  values: Float32Array;
  scale: Scale;
  /** What the columns cover; the whole axis otherwise. */
  x?: Span;
  /** Parted by thin lines where there is room: a thicker one after so many. */
  parted?: { x?: number; y?: number };
}

/** Bars side by side along an axis, too many for elements of their own. */
export interface Bars {
  along: "x" | "y";
  bars: Bar[];
}

export interface Bar {
  x: Span;
  y: Span;
  fill: Fill;
  isFaint?: boolean;
}

/** Marks of one kind, drawn one after the other. */
export interface Layer {
  name: string;
  marks: Mark[];
}

export type Mark =
  /** A rectangle; over the whole height or width where no span is given. */
  | { mark: "box"; x?: Span; y?: Span; look: Look }
  /** A line across the plot at one value. */
  | { mark: "rule"; x?: number; y?: number; look: Look }
  | { mark: "curve"; points: Point[]; look: Look }
  /** What lies between a curve and 0. */
  | { mark: "area"; points: Point[]; look: Look }
  /** Needles from 0 to a value, at these places. */
  | { mark: "pins"; x: number[]; to: number; look: Look }
  /** Short strokes below the plot, and a bar along its left or lower edge. */
  | { mark: "ticks"; x: number[]; look: Look }
  | { mark: "edge"; side: "left" | "below"; span: Span; look: Look };

export type Point = [x: number, y: number];

/** A line of words above or below a plot: the first come, first served; none over another. */
export interface Words {
  name: string;
  words?: Word[];
  /** Instead of words: the reasoning steps, with ticks. */
  steps?: readonly Step[];
  bands?: Bands;
}

export interface Word {
  /** On the x axis, where the word's middle is, or an end of the plot. */
  at: number | "start" | "end";
  text: string;
  look?: Look;
  /** Beside its place, not over it. */
  side?: "before" | "after";
  /** Left out where it does not fit within. */
  within?: Span;
}

export interface Step {
  kind: "prompt" | "thinking" | "answer";
  from: number;
  to: number;
}

/** What colours mean: beside a square plot where there is room, else a line below. */
export interface Legend {
  ramp?: { scale: Scale; high: string; low: string };
  keys?: { fill: Fill; text: string }[];
  words: string[];
  /** All of it in one line. */
  brief?: string;
}

/** Something to be said in a picture's place, and what can be done about it. */
export interface Instead {
  /** It is being read: the picture before may stay for a moment. */
  isSoon?: true;
  text: string;
  retry?: () => void;
  /** What the page does at a click, where it can: a button with these words. */
  act?: { does: "replay" | "compare"; words: string };
}

/** Lines beside the picture, or below it where it is narrow; each leads somewhere. */
export interface List {
  title: string;
  lines: ListLine[];
  /** Lines that there are beyond these. */
  more?: number;
}

export interface ListLine {
  words: string;
  /** In a weaker ink, after the words. */
  detail?: string;
  target: Target;
}

/** What a point or a key leads to. Nothing in it: it is taken, and nothing happens. */
export interface Target {
  /** A token: pointed at, and selected by a click. */
  position?: number;
  /** The token that is pointed at, where a click selects another one. */
  pointed?: number;
  layer?: number;
  head?: number;
  /** Another chain of the run is shown. */
  chain?: number;
  /** Length of the text, in tokens. */
  moment?: number;
  /** Steps that are to be compared. */
  pair?: PairOfSteps;
  /** Stays as supposed although the selection moves. */
  supposed?: Supposed;
}

export type Arrow = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

export type Control =
  | {
      control: "toggle";
      label: string;
      /** What it does, for those who point at it. */
      tooltip?: string;
      isOn: boolean;
      change: Partial<State>;
    }
  | { control: "find"; text: string; before?: Target; after?: Target }
  | {
      control: "slider";
      label: string;
      tooltip?: string;
      value: number;
      largest: number;
      step: number;
      isDisabled: boolean;
      /** Undefined sets it back. */
      change: (value: number | undefined) => Partial<State>;
      /** Whether it is as it was logged. */
      isLogged: boolean;
    };

/** Text token by token, in paragraphs; only what is in sight is asked for. */
export interface Flow {
  /** What it is the text of: another one begins anew, the same one goes on. */
  source: object;
  paragraphs: readonly Paragraph[];
  text: (position: number) => string;
  look: (position: number) => TokenLook;
  /** Places to be brought into sight when they change, the first that did. */
  reveals: (number | undefined)[];
  /** The newest token, brought into sight with what came before it when the moment moves. */
  moment: number | undefined;
}

export interface Paragraph {
  /** Undefined where the text has none. */
  name?: string;
  title?: string;
  from: number;
  to: number;
  /** Share of its slots still held, 0 to 1. */
  held: number;
}

export interface TokenLook {
  /** Share of heads that hold it, 0 to 1; NaN before it was decoded. */
  held: number;
  isSelected: boolean;
  isPointed: boolean;
  isFound: boolean;
  /** Of the pairs behind two picked steps. */
  isPaired: boolean;
  /** The last one before the moment. */
  isNewest: boolean;
}
