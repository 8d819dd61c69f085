/** The inspector's views, in the order of their tabs. A view is a file and a row. */
import type { ViewRow } from "../scene/scene";
import { compare } from "./compare";
import { cost } from "./cost";
import { evicted } from "./evicted";
import { memory } from "./memory";
import { redundancy } from "./redundancy";
import { retention } from "./retention";
import { survival } from "./survival";
import { text } from "./text";
import { whatIf } from "./whatIf";
import { why } from "./why";

export const views = {
  text: {
    title: "Token text",
    label: "Token text. Arrow keys move from token to token.",
    view: text,
  },
  map: {
    title: "Retention",
    label: "Retention map. Arrow keys move the selected token and layer.",
    view: retention,
  },
  redundancy: {
    title: "Redundancy",
    label: "Key similarity. Arrow keys go to the next near-duplicate.",
    view: redundancy,
  },
  why: {
    title: "Why",
    label: "Scores of all candidates, best first. Arrow keys move by rank.",
    view: why,
  },
  survival: {
    title: "Survival",
    label: "What survives of each reasoning step. Arrow keys move from step to step.",
    view: survival,
  },
  evicted: {
    title: "Evicted by step",
    label: "What went of each step at each compaction. Arrow keys go to the next cell.",
    view: evicted,
  },
  whatIf: {
    title: "What if",
    label: "Tokens that would fare otherwise, along the text.",
    view: whatIf,
  },
  memory: {
    title: "Memory",
    label: "Speed, memory and time of compactions along the text.",
    view: memory,
  },
  cost: {
    title: "Cost",
    label: "Divergence from the full cache along the text.",
    view: cost,
  },
  compare: {
    title: "Compare",
    label: "Difference between two runs. Arrow keys move the selected token.",
    view: compare,
  },
} satisfies Record<string, ViewRow>;

export type ViewName = keyof typeof views;

export const viewNames = Object.keys(views) as ViewName[];
