/** The inspector's views, in the order of their tabs. A view is a file and a row. */
import type { ViewRow } from "../scene/scene";
import { compare } from "./compare";
import { cost } from "./cost";
import { heads } from "./heads";
import { history } from "./history";
import { memory } from "./memory";
import { redundancy } from "./redundancy";
import { retention } from "./retention";
import { stepRedundancy } from "./stepRedundancy";
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
    help: [
      "Every slot of one head against every slot: bright where two keys are near-duplicates.",
      "Lines beside the diagonal are passages that say the same twice; the row below is the selected slot’s.",
      "Blue above: importance, from 0. Orange: redundancy, from the least. The framed slot is spared.",
    ],
    view: redundancy,
  },
  stepRedundancy: {
    title: "Redundancy by step",
    label: "Similarity of reasoning steps. Arrow keys move the picked pair of steps.",
    help: [
      "Every reasoning step against every one: the mean cosine of the keys that are left of them.",
      "The diagonal is a step with itself. A step with no slot left is blank.",
      "Click a cell: the nearest pairs behind it are listed, and marked in the text.",
    ],
    view: stepRedundancy,
  },
  why: {
    title: "Why",
    label: "Scores of all candidates, best first. Arrow keys move by rank.",
    view: why,
  },
  history: {
    title: "History",
    label: "Eviction history. Arrow keys move the step and the compaction.",
    view: history,
  },
  whatIf: {
    title: "What if",
    label: "Tokens that would fare otherwise, along the text.",
    view: whatIf,
  },
  heads: {
    title: "Heads",
    label: "Agreement of heads, and what each layer holds. Arrow keys move the layer.",
    view: heads,
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
