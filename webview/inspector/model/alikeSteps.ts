/** Which reasoning steps say the most alike, by the keys of their slots. */
import type { StepMeans } from "./stepSimilarity";

/** Steps that are alike, ascending. */
export interface Alike {
  /** Places in the means, as those index them. */
  places: number[];
  /** Over all pairs of slots of two different ones of them. */
  mean: number;
  pairs: number;
}

/** A step of fewer slots is alike to others by chance. */
const enoughSlots = 4;
/** Steps that one sentence can name. */
const mostNamed = 4;

/**
 * The two steps that are most alike, and those that are as near to each of them: within a tenth of
 * that cosine. Steps of few slots count only where there are no others. Undefined where fewer than
 * two steps have slots.
 */
export function mostAlike(means: StepMeans): Alike | undefined {
  const places = tellingPlaces(means);
  let best: [number, number] | undefined;
  for (const a of places)
    for (const b of places)
      if (a < b && (!best || meanOf(means, a, b) > meanOf(means, ...best))) best = [a, b];
  if (!best) return undefined;
  const least = meanOf(means, ...best) * 0.9;
  const found: number[] = [...best];
  for (const place of places)
    if (found.length < mostNamed && !found.includes(place))
      if (least > 0 && found.every((other) => meanOf(means, place, other) >= least))
        found.push(place);
  found.sort((a, b) => a - b);
  return { places: found, ...over(means, found) };
}

/** Places of the steps that have enough slots; of all where fewer than two have. */
export function tellingPlaces({ groups, slots }: StepMeans): number[] {
  const all = groups.map((_, place) => place);
  const telling = all.filter((place) => slots[place] >= enoughSlots);
  return telling.length > 1 ? telling : all;
}

const meanOf = ({ values, groups }: StepMeans, a: number, b: number): number =>
  values[a * groups.length + b];

function over({ values, pairs, groups }: StepMeans, places: number[]): Omit<Alike, "places"> {
  let [sum, count] = [0, 0];
  for (const a of places)
    for (const b of places)
      if (a < b) {
        const cell = a * groups.length + b;
        sum += values[cell] * pairs[cell];
        count += pairs[cell];
      }
  return { mean: sum / count, pairs: count };
}
