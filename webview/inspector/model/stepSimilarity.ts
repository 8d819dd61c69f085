/**
 * How much reasoning steps repeat one another: the mean cosine of their keys. The mean over all
 * pairs of two steps is the product of the sums of their keys by the number of pairs, so that no
 * pair has to be looked at.
 */
import type { Work } from "./pieces";

/** Unit keys of the slots of one layer, summed up by head and step. */
export interface StepSums {
  heads: number;
  headDim: number;
  /** [steps] those of which a head has a slot, ascending. */
  steps: Int32Array;
  /** [heads, steps] slots. */
  counts: Float64Array;
  /** [heads, steps] what the slots have in common with themselves. */
  own: Float64Array;
  /** [heads, steps, headDim] */
  sums: Float64Array;
}

/** Slots that are summed up before the work may rest. */
const betweenRests = 256;

/**
 * @param keys [heads, slots, headDim] unit keys
 * @param stepOf [heads, slots] the step of each slot, −1 for none
 */
export function* stepSums(
  keys: Float32Array,
  stepOf: Int32Array,
  heads: number,
  headDim: number,
): Work<StepSums> {
  const steps = Int32Array.from(new Set(stepOf.filter((step) => step >= 0))).sort();
  const placeOf = new Map(Array.from(steps, (step, place) => [step, place]));
  const cells = heads * steps.length;
  const counts = new Float64Array(cells);
  const own = new Float64Array(cells);
  const sums = new Float64Array(cells * headDim);
  const slots = stepOf.length / heads;
  for (let index = 0; index < stepOf.length; index++) {
    if (index % betweenRests === 0) yield;
    const place = placeOf.get(stepOf[index]);
    if (place === undefined) continue;
    const cell = Math.floor(index / slots) * steps.length + place;
    counts[cell]++;
    for (let d = 0; d < headDim; d++) {
      const value = keys[index * headDim + d];
      sums[cell * headDim + d] += value;
      own[cell] += value * value;
    }
  }
  return { heads, headDim, steps, counts, own, sums };
}

/** Mean cosine of the pairs between every two groups of steps, a token with itself left out. */
export interface StepMeans {
  /** [groups] those that have a slot there, ascending; group g has the steps from g · each on. */
  groups: number[];
  each: number;
  /** [groups] slots, over all heads asked for. */
  slots: Float64Array;
  /** [groups, groups] NaN where there is no pair. */
  values: Float32Array;
  /** [groups, groups] pairs of slots that the mean is of. */
  pairs: Float64Array;
}

/** @param each steps to a group */
export function* stepMeans(
  sums: StepSums,
  heads: readonly number[],
  each: number,
): Work<StepMeans> {
  const { length } = sums.steps;
  const left = sums.steps.filter((_, place) =>
    heads.some((head) => sums.counts[head * length + place] > 0),
  );
  const groups = [...new Set(Array.from(left, (step) => Math.floor(step / each)))];
  const cells = groups.length ** 2;
  const means: StepMeans = {
    groups,
    each,
    slots: new Float64Array(groups.length),
    values: new Float32Array(cells),
    pairs: new Float64Array(cells),
  };
  const dots = new Float64Array(cells);
  for (const head of heads) yield* addPairs(groupedSums(sums, head, means), dots, means);
  for (let cell = 0; cell < cells; cell++)
    means.values[cell] = means.pairs[cell] > 0 ? dots[cell] / means.pairs[cell] : NaN;
  return means;
}

type Grouped = Pick<StepSums, "headDim" | "counts" | "own" | "sums">;

/** Of one head, the steps of a group as one: sums add up. */
function groupedSums(all: StepSums, head: number, { groups, each }: StepMeans): Grouped {
  const { steps, headDim } = all;
  const placeOf = new Map(groups.map((group, place) => [group, place]));
  const counts = new Float64Array(groups.length);
  const own = new Float64Array(groups.length);
  const sums = new Float64Array(groups.length * headDim);
  steps.forEach((step, index) => {
    const place = placeOf.get(Math.floor(step / each));
    if (place === undefined) return;
    const cell = head * steps.length + index;
    counts[place] += all.counts[cell];
    own[place] += all.own[cell];
    for (let d = 0; d < headDim; d++) sums[place * headDim + d] += all.sums[cell * headDim + d];
  });
  return { headDim, counts, own, sums };
}

/** Adds one head's cosines between every two groups, and how many they are. */
function* addPairs(
  { headDim, counts, own, sums }: Grouped,
  dots: Float64Array,
  { slots, pairs }: StepMeans,
): Work<void> {
  const groups = counts.length;
  for (let a = 0; a < groups; a++, yield) {
    slots[a] += counts[a];
    for (let b = a; b < groups; b++) {
      let dot = a === b ? -own[a] : 0;
      for (let d = 0; d < headDim; d++) dot += sums[a * headDim + d] * sums[b * headDim + d];
      // Within a group each pair is met twice.
      const [half, others] = a === b ? [2, counts[a] - 1] : [1, counts[b]];
      const [cell, mirrored] = [a * groups + b, b * groups + a];
      dots[cell] += dot / half;
      pairs[cell] += (counts[a] * others) / half;
      [dots[mirrored], pairs[mirrored]] = [dots[cell], pairs[cell]];
    }
  }
}
