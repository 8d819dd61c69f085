/** Which views stand side by side on the first tab, for each width of the page. */
import type { ViewName } from "../views";

/** What stands in a place of a grid, row by row; a view in several cells covers them all. */
export interface Layout {
  name: string;
  /** Least width of the page, in CSS pixels. */
  from: number;
  areas: readonly (readonly ViewName[])[];
  /** Shares of the width and of the height. */
  columns: readonly number[];
  rows: readonly number[];
}

/** The narrowest first. */
export const layouts: readonly Layout[] = [
  { from: 0, name: "slim", areas: [["text"]], columns: [1], rows: [1] },
  { from: 420, name: "narrow", areas: [["text"], ["map"]], columns: [1], rows: [55, 45] },
  {
    from: 600,
    name: "beside",
    areas: [
      ["text", "map", "map"],
      ["redundancy", "redundancy", "why"],
    ],
    columns: [42, 10, 48],
    rows: [40, 60],
  },
  {
    from: 1000,
    name: "medium",
    areas: [
      ["text", "map", "map", "map"],
      ["redundancy", "redundancy", "stepRedundancy", "why"],
    ],
    columns: [31, 3, 26, 40],
    rows: [42, 58],
  },
  {
    from: 1440,
    name: "wide",
    areas: [
      ["text", "text", "map", "map"],
      ["redundancy", "stepRedundancy", "why", "survival"],
    ],
    columns: [26, 22, 27, 25],
    rows: [44, 56],
  },
];

/** @param width of the page, in CSS pixels */
export function layoutFor(width: number): Layout {
  return layouts[
    Math.max(
      0,
      layouts.findLastIndex(({ from }) => width >= from),
    )
  ];
}

/** One view that has all the room. */
export function alone(view: ViewName): Layout {
  return { name: view, from: 0, areas: [[view]], columns: [1], rows: [1] };
}

/** Those of the views that have a tab of their own, in order. */
export function tabbed({ areas }: Layout, views: readonly ViewName[]): ViewName[] {
  const shown = new Set(areas.flat());
  return views.filter((name) => !shown.has(name));
}

/** How many of these widths have room; not all of them leave room for one of `more`. */
export function fittingTabs(widths: readonly number[], room: number, more: number): number {
  let taken = 0;
  const ends = widths.map((width) => (taken += width));
  if (taken <= room) return widths.length;
  return ends.filter((end) => end + more <= room).length;
}
