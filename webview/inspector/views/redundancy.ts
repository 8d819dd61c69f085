/** Similarity of every two keys of one head; importance and redundancy stand at the margins. */
import { neighbours } from "../model/similarity";
import type { Instead, Legend, List, Scene, Size, Target } from "../scene/scene";
import type { Table } from "../scene/table";
import type { Data } from "../state/data";
import { asideOf, explained, similarityAbsence, type Similarities } from "../state/explained";
import { similaritiesToShow } from "../state/similarities";
import type { State } from "../state/state";
import { stepMeansOf } from "../state/stepSimilarities";
import { absent, noCompaction, nothingToShow } from "./parts/absent";
import { nearList, repeatList, repeatsOf, repeatTable } from "./parts/nearList";
import { neighbourTable } from "./parts/neighbourTable";
import { absentWords, chosenWords, headWords } from "./parts/redundancyWords";
import { highestCells, margins, matrix, rowPlot, type Chosen } from "./parts/similarityPlots";
import { slotSteps } from "./parts/slotSteps";

export function redundancy(state: Readonly<State>, data: Data, size: Size): Scene {
  const drawn = data.derive("drawn", () => drawnOf(state, data, size));
  const table = () => tableOf(state, data);
  if (!drawn) return nothingToShow(absence(state, data), table);
  const { found, highest } = drawn;
  const chosen = chosenIn(found, state.selected);
  return {
    sentence: data.derive("sentence", () => sentence(state, data)),
    aside: asideOf(state),
    list: data.derive("list", () => list(state, data)),
    columns: [1, "thin"],
    rows: ["thin", 1, "thin"],
    plots: [
      matrix(drawn, size, chosen),
      rowPlot(drawn, chosen),
      ...data.derive("margins", () => margins(state, data)),
    ],
    legend: legend(found, highest.columns),
    arrows: chosen.slot < 0 ? undefined : arrows(found, chosen),
    table,
  };
}

/** What stays while another token is selected. */
function drawnOf(state: Readonly<State>, data: Data, size: Size) {
  const shown = similaritiesToShow(state, data);
  if (!shown) return undefined;
  const { asked, found } = shown;
  const steps = slotSteps(state, found.positions);
  return { asked, found, steps, highest: highestCells(shown, size) };
}

function chosenIn(found: Similarities, selected = -1): Chosen {
  const slot = found.positions.indexOf(selected);
  const near = slot < 0 ? [] : neighbours(found.values, found.order, slot, found.threshold);
  return { slot, near };
}

function absence(state: Readonly<State>, data: Data): Instead {
  const asked = explained(state);
  if (!asked) return noCompaction;
  if (!data.hasKeys(state.run, state.layer)) return { text: "This trace holds no keys." };
  const missing = "This trace does not hold all keys of this compaction.";
  return absent(similarityAbsence(state, data, asked), "Reading the keys…", missing);
}

function sentence(state: Readonly<State>, data: Data): string {
  const shown = similaritiesToShow(state, data);
  if (!shown) return "";
  const { selected, head } = state;
  if (selected === undefined) {
    const { compaction, layer } = shown.asked;
    const asked = { compaction, layer, heads: [head], each: 1, isOne: true };
    return headWords(state, shown, stepMeansOf(state, data, asked));
  }
  const chosen = chosenIn(shown.found, selected);
  if (chosen.slot < 0) return absentWords(state, shown, selected);
  return chosenWords(state, shown, chosen);
}

function list(state: Readonly<State>, data: Data): List | undefined {
  const shown = similaritiesToShow(state, data);
  if (!shown) return undefined;
  const chosen = chosenIn(shown.found, state.selected);
  if (chosen.slot >= 0) return nearList(state, shown, chosen);
  return repeatList(state, shown, repeatsOf(state, shown));
}

function tableOf(state: Readonly<State>, data: Data): Table {
  const shown = similaritiesToShow(state, data);
  if (!shown) return { columns: ["words", "times", "positions", "held after it"], rows: [] };
  const chosen = chosenIn(shown.found, state.selected);
  if (chosen.slot >= 0) return neighbourTable(state, shown.found, chosen);
  return repeatTable(state, shown, repeatsOf(state, shown));
}

function legend({ threshold, positions }: Similarities, cells: number): Legend {
  const each = Math.ceil(positions.length / cells);
  const coarse = each > 1 ? [`pixel: max of ${each} × ${each}`] : [];
  return {
    ramp: { scale: { scale: "similar", above: threshold }, high: "same key", low: "unlike" },
    words: ["cosine of two keys", `strong above ${threshold}`, ...coarse],
  };
}

/** To the near-duplicate before and after the selected slot. */
function arrows({ positions }: Similarities, { slot, near }: Chosen): Scene["arrows"] {
  const others = near.map((neighbour) => neighbour.slot).sort((a, b) => a - b);
  const to = (other: number | undefined): Target =>
    other === undefined ? {} : { position: positions[other] };
  const before = to(others.findLast((other) => other < slot));
  const after = to(others.find((other) => other > slot));
  return { ArrowLeft: before, ArrowUp: before, ArrowRight: after, ArrowDown: after };
}
