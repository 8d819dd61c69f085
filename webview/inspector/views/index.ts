/** The inspector's views, in the order of their tabs. A view is a file and a row. */
import type { Run } from "../model/run";
import type { ViewRow } from "../scene/scene";
import { chains } from "./chains";
import { compare } from "./compare";
import { cost } from "./cost";
import { heads } from "./heads";
import { history } from "./history";
import { memory } from "./memory";
import { redundancy } from "./redundancy";
import { retention } from "./retention";
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
    label: "Two runs side by side. Arrow keys move the selected token.",
    help: [
      "At the top, what each of the two runs answers, and a bar of its length: grey as far as both say the same.",
      "The map has the tokens that both say, layer by layer: grey where both hold one, coloured where only one of them does.",
      "The matrix below it says how much they have in common, by layer and reasoning step.",
    ],
    view: compare,
  },
  chains: {
    title: "Chains",
    label: "Chains of one question side by side. Arrow keys show the chain above or below.",
    isFor: ({ header }) => header.chains > 1,
    help: [
      "One line per chain, with its answer: the brighter a token of the prompt, the more heads still hold it at the chain's end.",
      "Below, what the chains of the majority hold more of than the others (blue, upwards), or less.",
      "A click on a line shows that chain in all other views.",
    ],
    view: chains,
  },
} satisfies Record<string, ViewRow>;

export type ViewName = keyof typeof views;

export const viewNames = Object.keys(views) as ViewName[];

/** Those that a page has for this run. */
export function viewsFor(run: Run): ViewName[] {
  return viewNames.filter((name) => (views[name] as ViewRow).isFor?.(run) ?? true);
}
