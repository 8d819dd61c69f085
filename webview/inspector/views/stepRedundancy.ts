/** Reasoning steps against reasoning steps: which thought repeats which, in a head, a layer or all. */
import { range } from "d3";
import { brief } from "../model/numbers";
import type { Control, Instead, Legend, List, Scene, Size } from "../scene/scene";
import type { Data } from "../state/data";
import { asideOf, explained } from "../state/explained";
import { firstAbsence, picked, stepMeansToShow } from "../state/stepSimilarities";
import type { State } from "../state/state";
import { absent, noCompaction, nothingToShow } from "./parts/absent";
import { alikeList, meansTable, pairList } from "./parts/stepPairs";
import { drawnLayers, pairArrows, stepAxis, stepPlot, type DrawnLayer } from "./parts/stepPlots";
import { layersSentence, pairSentence, stepsSentence } from "./parts/stepSentence";

/** Layers that are shown beside each other at most. */
const mostLayers = 64;

export function stepRedundancy(state: Readonly<State>, data: Data, size: Size): Scene {
  const drawn = data.derive("drawn", () => drawnOf(state, data, size));
  const table = () => meansTable(state, drawn?.layers ?? []);
  if (!drawn?.layers.some(({ means }) => means))
    return { ...nothingToShow(absence(state, data, size), table), controls: controls(state) };
  const { axis, most, layers } = drawn;
  const [{ means }] = layers;
  const one = layers.length === 1 ? means : undefined;
  return {
    sentence: sentence(state, data, drawn),
    aside: asideOf(state),
    list: listOf(state, data, layers),
    isTiled: true,
    plots: layers.map((layer) => stepPlot(state, layer, axis, one !== undefined)),
    legend: legend(most, axis.each),
    controls: controls(state),
    arrows: one && pairArrows(state, one, axis),
    table,
  };
}

type Drawn = NonNullable<ReturnType<typeof drawnOf>>;

function sentence(state: Readonly<State>, data: Data, { shown, axis, layers }: Drawn): string {
  const [{ means }] = layers;
  const asked = explained(state);
  if (asked && state.pair) return pairSentence(state, asked, state.pair, picked(state, data));
  if (layers.length > 1 || !means) return layersSentence(state, shown, layers);
  return stepsSentence(state, shown, means, axis);
}

/** What stays while other steps are picked. */
function drawnOf(state: Readonly<State>, data: Data, size: Size) {
  const asked = askedOf(state, size);
  const shown = asked && stepMeansToShow(state, data, asked.layers, asked.axis.each);
  if (!shown) return undefined;
  return { shown, axis: asked.axis, ...drawnLayers(asked.layers, shown.means, asked.axis) };
}

function askedOf(state: Readonly<State>, size: Size) {
  const asked = explained(state);
  if (!asked) return undefined;
  const { run, alikeBy, layer } = state;
  const all = Math.min(run.header.layers, mostLayers);
  return {
    layers: alikeBy === "layers" ? range(all) : [layer],
    axis: stepAxis(state, run.compactions[asked.compaction].position, size),
  };
}

function absence(state: Readonly<State>, data: Data, size: Size): Instead {
  const asked = askedOf(state, size);
  if (!asked) return noCompaction;
  if (asked.axis.steps.length === 0) return { text: "This trace has no reasoning steps." };
  if (!asked.layers.some((layer) => data.hasKeys(state.run, layer)))
    return { text: "This trace holds no keys." };
  const missing = "This trace does not hold all keys of this compaction.";
  const why = firstAbsence(state, data, asked.layers, asked.axis.each);
  return absent(why, "Reading the keys…", missing);
}

function listOf(state: Readonly<State>, data: Data, layers: readonly DrawnLayer[]): List {
  const found = state.pair && picked(state, data);
  return found && state.pair ? pairList(state, state.pair, found) : alikeList(state, layers);
}

function legend(most: number, each: number): Legend {
  const coarse = each > 1 ? [`cell: ${each} × ${each} steps`] : [];
  return {
    ramp: { scale: { scale: "alike", most: 1 }, high: `${brief(most)} or more`, low: "0 or less" },
    words: ["mean cosine", "blank: no slot left", ...coarse],
  };
}

const toggles = [
  { of: "head", label: "Head", tooltip: "The chosen KV head alone" },
  { of: "layer", label: "Layer", tooltip: "The mean over all heads of the chosen layer" },
  { of: "layers", label: "All layers", tooltip: "One square for each layer" },
] as const;

function controls({ alikeBy, pair }: Readonly<State>): Control[] {
  const chosen = toggles.map(({ of, label, tooltip }): Control => {
    const isOn = alikeBy === of;
    return { control: "toggle", label, tooltip, isOn, change: { alikeBy: of } };
  });
  if (!pair) return chosen;
  const tooltip = "Lets go of the picked pair of steps";
  const change = { pair: undefined };
  return [...chosen, { control: "toggle", label: "Unpick", tooltip, isOn: false, change }];
}
