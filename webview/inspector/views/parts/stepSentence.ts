/** The sentence of the picture of alike steps. */
import { counted } from "../../../../src/shared/units";
import type { Pairs } from "../../model/bestPairs";
import { mostAlike } from "../../model/alikeSteps";
import type { StepMeans } from "../../model/stepSimilarity";
import { capital } from "../../model/stepWords";
import type { Explained } from "../../state/explained";
import type { ShownMeans } from "../../state/stepSimilarities";
import type { PairOfSteps, State } from "../../state/state";
import { alikeWords } from "./redundancyWords";
import type { DrawnLayer, StepAxis } from "./stepPlots";
import { groupsNamed, pairNamed } from "./stepPairs";

/** Of one layer or head: the steps that are most alike. */
export function stepsSentence(
  state: Readonly<State>,
  { compaction }: ShownMeans,
  means: StepMeans,
  axis: StepAxis,
): string {
  const { run } = state;
  const where = whereOf(state, compaction);
  const alike = mostAlike(means);
  const { similarityThreshold: threshold } = run.compactions[compaction];
  if (!alike) return `${capital(where)} all slots are of one step: there is nothing to compare.`;
  const groups = alike.places.map((place) => means.groups[place]);
  const steps = capital(groupsNamed(run.steps, groups, means.each));
  return `${alikeWords(steps, alike, threshold, ` of ${counted(alike.pairs, "pair")}`)} ${where}.${blankWords(means, axis)}`;
}

/** “ 19 of 46 steps have no slot left and are blank.” */
function blankWords(means: StepMeans, { steps, each }: StepAxis): string {
  const all = Math.ceil(steps.length / each);
  const blank = all - means.groups.length;
  if (blank <= 0) return "";
  const what = each === 1 ? counted(all, "step") : `${counted(all, "group")} of ${each} steps`;
  return ` ${blank} of ${what} ${blank === 1 ? "has" : "have"} no slot left: blank.`;
}

/** Of the picked pair of steps. */
export function pairSentence(
  state: Readonly<State>,
  { compaction }: Explained,
  pair: PairOfSteps,
  found: Pairs | undefined,
): string {
  const name = capital(pairNamed(state.run.steps, pair).replace(/^of /, "between "));
  const where = whereOf(state, compaction);
  if (!found) return `${name}, ${where}…`;
  if (found.count === 0) return `${name} no pair of slots is left ${where}.`;
  const { similarityThreshold: threshold } = state.run.compactions[compaction];
  const best = found.nearest[0].cosine;
  const nearest = `the nearest ${best > threshold ? "are near-duplicates" : "is no near-duplicate"} (${best.toFixed(2)})`;
  return `${name} the mean cosine is ${found.mean.toFixed(2)}, of ${counted(found.count, "pair")} ${where}; ${nearest}.`;
}

function whereOf({ layer, head, alikeBy }: Readonly<State>, compaction: number): string {
  const whose = alikeBy === "head" ? `layer ${layer}, head ${head}` : `all heads of layer ${layer}`;
  return `in ${whose} at compaction ${compaction + 1}`;
}

/** Of all layers: which repeats itself most, and which least. */
export function layersSentence(
  { run: { header } }: Readonly<State>,
  { compaction, isReading }: ShownMeans,
  layers: readonly DrawnLayer[],
): string {
  const known = layers.filter(({ mean }) => mean !== undefined);
  known.sort((a, b) => (b.mean ?? 0) - (a.mean ?? 0));
  const [first, last] = [known[0], known[known.length - 1]];
  const when = `at compaction ${compaction + 1}`;
  const absent = layers.filter(({ means }) => !means).length;
  const why = isReading ? "still being read" : "not in the trace";
  const rest = absent > 0 ? ` ${counted(absent, "layer")} ${why}.` : "";
  if (!first) return `No layer has two steps with slots ${when}.${rest}`;
  const most = `layer ${first.layer} repeats itself most (mean cosine ${first.mean?.toFixed(2)} between different steps)`;
  const least = first === last ? "" : `, layer ${last.layer} least (${last.mean?.toFixed(2)})`;
  const beyond = header.layers > layers.length ? ` of the first ${layers.length}` : "";
  return `${capital(when)}${beyond}, ${most}${least}; each square is one layer, all of its heads.${rest}`;
}
