/** The inspector's views, in the order of their tabs. */
export const viewNames = [
  "text",
  "map",
  "redundancy",
  "why",
  "history",
  "whatIf",
  "heads",
  "memory",
  "cost",
  "compare",
] as const;
export type ViewName = (typeof viewNames)[number];
