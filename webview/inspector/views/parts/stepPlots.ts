/** Plots of how alike reasoning steps are: steps against steps, one plot for each layer. */
import { max } from "d3";
import { mostAlike, tellingPlaces } from "../../model/alikeSteps";
import type { StepMeans } from "../../model/stepSimilarity";
import type { Arrow, Cells, Layer, Mark, Plot, Size, Step, Target } from "../../scene/scene";
import type { PairOfSteps, State } from "../../state/state";

/** One matrix, and which layer it is of. */
export interface DrawnLayer {
  layer: number;
  /** Undefined where it is not there, or not yet. */
  means: StepMeans | undefined;
  /** Between different steps; undefined where there is no pair. */
  mean: number | undefined;
  cells: Cells[];
}

/** The steps that had begun, and how many of them share a cell. */
export interface StepAxis {
  steps: readonly Step[];
  each: number;
}

/** A cell can be pointed at. */
const leastPixels = 4;

/** Steps up to a position, as many of them to a cell as the room asks for. */
export function stepAxis({ run }: Readonly<State>, position: number, { width }: Size): StepAxis {
  const begun = run.steps.filter(({ from }) => from < position);
  const steps = begun.map(({ kind }, index): Step => ({ kind, from: index, to: index + 1 }));
  const room = Math.max(1, Math.floor(width / leastPixels));
  return { steps, each: Math.max(1, Math.ceil(steps.length / room)) };
}

/** The matrices of layers in one scale of colours. */
export function drawnLayers(
  layers: readonly number[],
  found: readonly (StepMeans | undefined)[],
  { steps, each }: StepAxis,
): { most: number; layers: DrawnLayer[] } {
  const most = Math.max(...found.map((means) => (means ? largest(means) : 0))) || 1;
  const groups = Math.ceil(steps.length / each);
  const drawn = layers.map((layer, index): DrawnLayer => {
    const means = found[index];
    if (!means) return { layer, means, mean: undefined, cells: [] };
    return { layer, means, mean: between(means), cells: [cellsOf(means, groups, most)] };
  });
  return { most, layers: drawn };
}

export function stepPlot(
  state: Readonly<State>,
  { layer, means, mean, cells }: DrawnLayer,
  { steps, each }: StepAxis,
  isAlone: boolean,
): Plot {
  const end = Math.max(1, Math.ceil(steps.length / each) * each);
  const text = `layer ${layer}${mean === undefined ? "" : `: ${mean.toFixed(2)}`}`;
  const look = layer === state.layer ? "strong" : "muted";
  return {
    x: { domain: [0, end] },
    y: { domain: [0, end], labels: isAlone ? { steps } : undefined },
    isSquare: true,
    cells,
    layers: [frame(state, layer, isAlone)],
    above: isAlone
      ? [{ name: "step-names", steps }]
      : [{ name: "title", words: [{ at: "start", text, look }] }],
    at: (x, y) => {
      const pair = means && pairAt(means, each, Math.floor(y / each), Math.floor(x / each));
      return isAlone ? pair && { pair } : { layer, pair };
    },
  };
}

/** Of those that have enough slots to tell; 0 where none is above. */
function largest(means: StepMeans): number {
  const places = tellingPlaces(means);
  const line = (a: number) =>
    max(places, (b) => means.values[a * means.groups.length + b] || 0) ?? 0;
  return Math.max(0, max(places, line) ?? 0);
}

/** [groups, groups] with those that have no slot left blank. */
function cellsOf(means: StepMeans, groups: number, most: number): Cells {
  const values = new Float32Array(groups * groups).fill(NaN);
  const { length } = means.groups;
  means.groups.forEach((line, row) =>
    means.groups.forEach((column, at) => {
      if (line < groups && column < groups)
        values[line * groups + column] = means.values[row * length + at];
    }),
  );
  return { columns: groups, values, scale: { scale: "alike", most }, parted: { x: 1, y: 1 } };
}

/** Mean cosine over all pairs of slots of different steps; undefined where there is none. */
function between({ values, pairs, groups }: StepMeans): number | undefined {
  let [sum, count] = [0, 0];
  for (let a = 0; a < groups.length; a++)
    for (let b = a + 1; b < groups.length; b++) {
      const cell = a * groups.length + b;
      if (!(pairs[cell] > 0)) continue;
      sum += values[cell] * pairs[cell];
      count += pairs[cell];
    }
  return count > 0 ? sum / count : undefined;
}

function frame({ pair, layer: chosen }: Readonly<State>, layer: number, isAlone: boolean): Layer {
  const marks: Mark[] = [];
  if (pair && (isAlone || layer === chosen))
    marks.push({ mark: "box", y: [...pair[0]], x: [...pair[1]], look: "picked-frame" });
  return { name: "picked", marks };
}

/** The steps of a cell; undefined where it is blank. */
function pairAt(
  { groups }: StepMeans,
  each: number,
  line: number,
  column: number,
): PairOfSteps | undefined {
  if (!groups.includes(line) || !groups.includes(column)) return undefined;
  return [stepsOf(line, each), stepsOf(column, each)];
}

/** Steps [from, to) of a group. */
export const stepsOf = (group: number, each: number): [number, number] => [
  group * each,
  (group + 1) * each,
];

/** To the cells beside the picked one, blank ones passed over; to the most alike where none is. */
export function pairArrows(
  { pair }: Readonly<State>,
  means: StepMeans,
  { each }: StepAxis,
): Partial<Record<Arrow, Target>> {
  const { groups } = means;
  const to = (line: number, column: number): Target => {
    return { pair: pairAt(means, each, line, column) };
  };
  if (!pair) {
    const [a, b] = mostAlike(means)?.places.map((place) => groups[place]) ?? [NaN, NaN];
    const first = to(a, b);
    return { ArrowLeft: first, ArrowRight: first, ArrowUp: first, ArrowDown: first };
  }
  const [line, column] = pair.map(([from]) => Math.floor(from / each));
  const before = (group: number) => groups.findLast((other) => other < group) ?? group;
  const after = (group: number) => groups.find((other) => other > group) ?? group;
  return {
    ArrowLeft: to(line, before(column)),
    ArrowRight: to(line, after(column)),
    ArrowUp: to(before(line), column),
    ArrowDown: to(after(line), column),
  };
}
