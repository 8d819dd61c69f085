/** The inspector's views, in the order of their tabs. A view is a file and a row. */
import type { Run } from "../model/run";
import type { ViewRow } from "../scene/scene";
import { chains } from "./chains";
import { compare } from "./compare";
import { cost } from "./cost";
import { evicted } from "./evicted";
import { redundancy } from "./redundancy";
import { retention } from "./retention";
import { stepRedundancy } from "./stepRedundancy";
import { survival } from "./survival";
import { text } from "./text";
import { whatIf } from "./whatIf";
import { why } from "./why";

export const views = {
  text: {
    title: "Text",
    label: "Text, token by token. Arrow keys move from token to token.",
    help: [
      "The stronger a word's plate, the more of all heads still hold it.",
      "A struck word is held by none: the model cannot attend to it any more. A pale one is not yet written.",
      "The bar under a step's name is the share of its slots that is still held. Click a word to ask about it.",
    ],
    view: text,
  },
  map: {
    title: "Retention",
    label: "Retention map. Arrow keys move the selected token and layer.",
    help: [
      "One line per layer, one column per token, the prompt at the left: the stronger the colour, the more of the layer's heads hold it.",
      "The orange frame is the observation window, which is always retained; what is grey at its right is not yet written.",
      "The wheel zooms, dragging moves, a double click shows all. “KV heads” parts each layer into its heads.",
    ],
    view: retention,
  },
  redundancy: {
    title: "Redundancy",
    label: "Key similarity. Arrow keys go to the next near-duplicate.",
    help: [
      "Every slot of one head against every slot: strong colour where two keys are near-duplicates.",
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
    help: [
      "One bar per candidate of one KV head, best score first. The vertical line is the cut: what stands right of it was evicted.",
      "Blue, upwards, is λ · importance; orange, downwards, is (1 − λ) · redundancy; the line is their difference, the score.",
      "Select a token to see where it stood, and below the bars when each head let go of it.",
    ],
    view: why,
  },
  survival: {
    title: "Survival",
    label: "What survives of each reasoning step. Arrow keys move from step to step.",
    help: [
      "One line per reasoning step, one column per compaction.",
      "The stronger the colour, the more of the step the cache still holds.",
      "Click a cell to go to that compaction and to the step's first token.",
    ],
    view: survival,
  },
  evicted: {
    title: "Evicted by step",
    label: "What went of each step at each compaction. Arrow keys go to the next cell.",
    help: [
      "One line per reasoning step, one column per compaction: the stronger the colour, the more of the step went then.",
      "The bars at the side say what kinds of tokens went: numbers, names, connectives, other words, signs.",
      "Click a cell to see which tokens went, by what margin and why.",
    ],
    view: evicted,
  },
  whatIf: {
    title: "What if",
    label: "Tokens that would fare otherwise, along the text.",
    help: [
      "The logged scores of one compaction are ranked anew with another λ, budget or threshold.",
      "A blue needle upwards would have been retained instead; an orange one downwards would have been evicted.",
      "To first order only: the compactions after it are not run again.",
    ],
    view: whatIf,
  },
  cost: {
    title: "Cost",
    label: "Speed, memory, time of compactions and what forgetting changed, along the text.",
    help: [
      "Tokens per second, the memory of the process and the time of each compaction, along the text. Click to go there.",
      "After a replay with the full cache, at the top: how far each next token's probabilities are from the full cache's (KL), high where forgetting changed something.",
      "Below it, the share of attention that would have fallen on what was evicted, layer by layer.",
    ],
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
      "One line per chain, with its answer: the stronger a token of the prompt, the more heads still hold it at the chain's end.",
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
