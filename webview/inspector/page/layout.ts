import type { ViewName } from "../views";

export type LayoutName = "wide" | "medium" | "narrow";

/** Which views have a place of their own; the others share the dock, one tab each. */
export interface Layout {
  name: LayoutName;
  placed: ViewName[];
}

const layouts: Record<LayoutName, Layout> = {
  wide: { name: "wide", placed: ["text", "map", "redundancy", "why"] },
  medium: { name: "medium", placed: ["text", "map"] },
  narrow: { name: "narrow", placed: [] },
};

/** @param width of the page, in CSS pixels */
export function layoutFor(width: number): Layout {
  if (width >= 1180) return layouts.wide;
  return width >= 620 ? layouts.medium : layouts.narrow;
}

/** Tabs of the dock, in order. */
export function docked(layout: Layout, all: readonly ViewName[]): ViewName[] {
  return all.filter((name) => !layout.placed.includes(name));
}
