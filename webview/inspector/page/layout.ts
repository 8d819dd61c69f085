/** Which views stand side by side on the first tab, for each width of the page. */
import { viewNames, type ViewName } from "../views";

/** What stands in a place of a grid, row by row; a view in several cells covers them all. */
export interface Layout {
  name: string;
  areas: readonly (readonly ViewName[])[];
  /** Shares of the width and of the height. */
  columns: readonly number[];
  rows: readonly number[];
}

interface Decided extends Omit<Layout, "areas"> {
  from: number;
  areas: readonly (readonly string[])[];
}

/** As decided, by the least width of the page, in CSS pixels. */
const decided: readonly Decided[] = [
  { from: 0, name: "slim", areas: [["text"]], columns: [1], rows: [1] },
  { from: 420, name: "narrow", areas: [["text"], ["map"]], columns: [1], rows: [58, 42] },
  {
    from: 600,
    name: "beside",
    areas: [
      ["text", "map", "map"],
      ["redundancy", "redundancy", "why"],
    ],
    columns: [42, 10, 48],
    rows: [46, 54],
  },
  {
    from: 1000,
    name: "medium",
    areas: [
      ["text", "map", "map", "map"],
      ["redundancy", "redundancy", "stepRedundancy", "why"],
    ],
    columns: [31, 3, 26, 40],
    rows: [48, 52],
  },
  {
    from: 1440,
    name: "wide",
    areas: [
      ["text", "text", "map", "map"],
      ["redundancy", "stepRedundancy", "why", "survival"],
    ],
    columns: [26, 22, 27, 25],
    rows: [50, 50],
  },
];

/** A view that is not there leaves its place to the one before it. */
function present(row: readonly string[]): ViewName[] {
  return row.reduce((names: ViewName[], name) => {
    const found = viewNames.find((view) => view === name) ?? names.at(-1);
    return found ? [...names, found] : names;
  }, []);
}

export const layouts: readonly Layout[] = decided.map(({ name, areas, columns, rows }) => {
  return { name, areas: areas.map(present), columns, rows };
});

/** @param width of the page, in CSS pixels */
export function layoutFor(width: number): Layout {
  return layouts[
    Math.max(
      0,
      decided.findLastIndex(({ from }) => width >= from),
    )
  ];
}

/** One view that has all the room. */
export function alone(view: ViewName): Layout {
  return { name: view, areas: [[view]], columns: [1], rows: [1] };
}

/** The views that have a tab of their own, in order. */
export function tabbed({ areas }: Layout): ViewName[] {
  const shown = new Set(areas.flat());
  return viewNames.filter((name) => !shown.has(name));
}

/** How many of these widths have room; not all of them leave room for one of `more`. */
export function fittingTabs(widths: readonly number[], room: number, more: number): number {
  let taken = 0;
  const ends = widths.map((width) => (taken += width));
  if (taken <= room) return widths.length;
  return ends.filter((end) => end + more <= room).length;
}
