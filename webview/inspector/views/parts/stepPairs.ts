/** What lies behind the picture of alike steps: its lines and its table. */
import { bisectRight, cumsum } from "d3";
import { counted } from "../../../../src/shared/units";
import { tellingPlaces } from "../../model/alikeSteps";
import type { Pairs } from "../../model/bestPairs";
import type { StepMeans } from "../../model/stepSimilarity";
import { capital, listed, stepRange, stepsNamed } from "../../model/stepWords";
import { rowsMade, type Table } from "../../scene/table";
import type { List, ListLine } from "../../scene/scene";
import type { PairOfSteps, State } from "../../state/state";
import { named } from "./positions";
import { stepsOf, type DrawnLayer } from "./stepPlots";

type Steps = State["run"]["steps"];

const mostLines = 20;

const cosine = (value: number): string => value.toFixed(2);

/** The nearest pairs of tokens of the two picked steps. */
export function pairList(
  { run, alikeBy }: Readonly<State>,
  pair: PairOfSteps,
  { nearest, count }: Pairs,
): List {
  const lines = nearest.map(({ head, one, other, cosine: value }): ListLine => {
    const of = alikeBy === "head" ? [] : [`head ${head}`];
    return {
      words: `${named(run, one)} – ${named(run, other)}`,
      detail: [`cosine ${cosine(value)}`, ...of].join(" · "),
      target: { position: other, pointed: one },
    };
  });
  const title = `Nearest pairs ${pairNamed(run.steps, pair)}`;
  return { title, lines, more: count - lines.length };
}

/** “of step 4 and step 9”, “within step 4” */
export function pairNamed(steps: Steps, [one, other]: PairOfSteps): string {
  const name = stepRange(steps, one);
  return one[0] === other[0] ? `within ${name}` : `of ${name} and ${stepRange(steps, other)}`;
}

/** Of one layer: the steps that are most alike; of several: the layers that repeat themselves most. */
export function alikeList({ run }: Readonly<State>, layers: readonly DrawnLayer[]): List {
  const [{ means }] = layers;
  if (layers.length > 1) return layerList(layers);
  if (!means) return { title: "Most alike", lines: [] };
  const cells = pairsOfGroups(means).sort((a, b) => b.value - a.value);
  const lines = cells.slice(0, mostLines).map(({ groups, value, pairs }): ListLine => {
    const [one, other] = groups.map((group) => stepsOf(group, means.each));
    return {
      words: capital(groupsNamed(run.steps, groups, means.each)),
      detail: `mean cosine ${cosine(value)} · ${counted(pairs, "pair")}`,
      target: { pair: [one, other] },
    };
  });
  return { title: "Most alike", lines, more: cells.length - lines.length };
}

function layerList(layers: readonly DrawnLayer[]): List {
  const known = layers.filter(({ mean }) => mean !== undefined);
  known.sort((a, b) => (b.mean ?? 0) - (a.mean ?? 0));
  const lines = known.map(({ layer, mean = NaN }): ListLine => {
    const detail = `mean cosine ${cosine(mean)} between different steps`;
    return { words: `Layer ${layer}`, detail, target: { layer } };
  });
  return { title: "Layers that repeat themselves most", lines };
}

/** Every two different groups that have a pair, and slots enough to tell. */
function pairsOfGroups(means: StepMeans) {
  const { groups, values, pairs } = means;
  const places = tellingPlaces(means);
  return places.flatMap((a, index) =>
    places.slice(index + 1).flatMap((b) => {
      const cell = a * groups.length + b;
      if (!(pairs[cell] > 0)) return [];
      return [{ groups: [groups[a], groups[b]], value: values[cell], pairs: pairs[cell] }];
    }),
  );
}

/** Every cell that is not blank. */
export function meansTable({ run }: Readonly<State>, layers: readonly DrawnLayer[]): Table {
  const ends = cumsum(layers, ({ means }) => (means?.groups.length ?? 0) ** 2);
  const rows = rowsMade(ends.at(-1) ?? 0, (index) => {
    const at = bisectRight(ends, index);
    const { layer, means } = layers[at];
    if (!means) return [];
    const { groups, values, pairs, each } = means;
    const cell = index - (ends[at - 1] ?? 0);
    const places = [Math.floor(cell / groups.length), cell % groups.length];
    const names = places.map((place) =>
      capital(stepRange(run.steps, stepsOf(groups[place], each))),
    );
    return [layer, ...names, values[cell], pairs[cell]];
  });
  return { columns: ["layer", "step", "other step", "mean cosine", "pairs"], rows };
}

/** “steps 4 and 9”, “steps 4 to 6 and steps 9 to 11” */
export function groupsNamed(steps: Steps, groups: readonly number[], each: number): string {
  if (each === 1) return stepsNamed(steps, groups);
  return listed(groups.map((group) => stepRange(steps, stepsOf(group, each))));
}
