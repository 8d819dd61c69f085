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
    help: [
      "One bar per candidate of the chosen head, best score first: λ·importance upwards, (1−λ)·redundancy downwards; the line is their difference, the score.",
      "What stands right of the cut was evicted. The dotted line marks the selected token, the thin one its near-duplicate.",
      "Below is the token's life: a column per compaction, a line per head; blue holds it, orange lets it go.",
    ],
    view: why,
  },
  survival: {
    title: "Survival",
    label: "What survives of each reasoning step. Arrow keys move from step to step.",
    help: [
      "A row per reasoning step, a column per compaction; the fuller the colour, the more of the step's slots are still held.",
      "Read a row from left to right: it is a thought being forgotten. Thin bars at the right, after a replay, say what that cost.",
      "A click selects the step and moves the moment to that compaction.",
    ],
    view: survival,
  },
  evicted: {
    title: "Evicted by step",
    label: "What went of each step at each compaction. Arrow keys go to the next cell.",
    help: [
      "A cell says how many slots, tokens times heads, a compaction took from a step; the bars say of which kinds of words, so far.",
      "A click on a cell lists its tokens, each with how far it missed the cut and why; a click on a line goes to the token.",
      "Select a struck word in the text, and the cell in which the chosen head let it go is framed.",
    ],
    view: evicted,
  },
  whatIf: {
    title: "What if",
    label: "Tokens that would fare otherwise, along the text.",
    help: [
      "Ranks the logged scores of one head and compaction anew, with another λ, budget or threshold.",
      "Pins upwards are tokens that would have stayed instead, pins downwards those that would have gone.",
      "It is first order: what later compactions would have made of it is not known.",
    ],
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
