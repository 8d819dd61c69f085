/** Two runs of one question: what each answers, where they part, who holds what of what both say. */
import { comparedAt, relation } from "../model/comparison";
import { namesOf } from "../model/runNames";
import type { Instead, Scene, Size } from "../scene/scene";
import type { Data } from "../state/data";
import type { State } from "../state/state";
import { nothingToShow } from "./parts/absent";
import { factPlots, figureTable } from "./parts/comparedFacts";
import {
  agreementPlot,
  comparedLegend,
  differencePlot,
  heldIn,
  sharedLength,
} from "./parts/comparedMaps";
import { comparedWords } from "./parts/comparedWords";

export function compare(state: Readonly<State>, data: Data, size: Size): Scene {
  const { run, other, tokens } = state;
  const table = () => figureTable(run, other);
  if (!other) return nothingToShow(alone, table);
  const isMapped = relation(run, other, comparedAt(run, other, tokens)) === "comparable";
  const held = isMapped ? wholeText(state, data) : undefined;
  const facts = data.derive("facts", () => factPlots(state.run, state.other ?? run, size));
  const scene: Scene = {
    sentence: comparedWords(run, other, tokens, held),
    columns: [1, 1],
    rows: [1],
    plots: facts,
    table,
  };
  if (!isMapped) return scene;
  return {
    ...scene,
    rows: ["thin", 3, 1],
    plots: [differencePlot(state, data, size), ...facts, agreementPlot(state, data, size)],
    legend: data.derive("legend", () => comparedLegend(namesOf(state.run, state.other ?? run))),
  };
}

const alone: Instead = {
  text: "One run is open. Another one of the same question, with another policy or budget, shows what each of them forgot.",
  act: { does: "compare", words: "Compare with another run" },
};

/** What both hold of all that they share, layer by layer. */
function wholeText(state: Readonly<State>, data: Data) {
  return heldIn(state, data, "held of all", [{ from: 0, to: sharedLength(state) }]);
}
