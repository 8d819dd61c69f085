/** The pairs of slots between two stretches of the text, those whose keys are nearest first. */
import type { Work } from "./pieces";

/** The slots of one head: their positions ascending, and [slots, headDim] unit keys. */
export interface HeadKeys {
  head: number;
  positions: ArrayLike<number>;
  keys: Float32Array;
}

export interface Pair {
  head: number;
  /** Positions, in the order of the stretches. */
  one: number;
  other: number;
  cosine: number;
}

/** All pairs between two stretches: how many they are, how near on the mean, and the nearest. */
export interface Pairs {
  count: number;
  /** NaN where there is none. */
  mean: number;
  nearest: Pair[];
}

type Stretch = readonly [from: number, to: number];

/** Pairs that are kept. */
const most = 40;

/** No token with itself, and within one stretch no pair twice. */
export function* bestPairs(
  heads: readonly HeadKeys[],
  headDim: number,
  [a, b]: readonly [Stretch, Stretch],
): Work<Pairs> {
  let nearest: Pair[] = [];
  let [count, sum] = [0, 0];
  for (const { head, positions, keys } of heads) {
    const [ones, others] = [a, b].map((stretch) => slotsIn(positions, stretch));
    for (const one of ones) {
      const least = nearest[most - 1]?.cosine ?? -Infinity;
      for (const other of others) {
        if (a[0] === b[0] ? other <= one : other === one) continue;
        const cosine = product(keys, one * headDim, other * headDim, headDim);
        count++;
        sum += cosine;
        if (cosine > least)
          nearest.push({ head, one: positions[one], other: positions[other], cosine });
      }
      nearest = nearest.sort((x, y) => y.cosine - x.cosine).slice(0, most);
      yield;
    }
  }
  return { count, mean: sum / count, nearest };
}

function slotsIn(positions: ArrayLike<number>, [from, to]: Stretch): number[] {
  const slots = Array.from(positions, (_, slot) => slot);
  return slots.filter((slot) => positions[slot] >= from && positions[slot] < to);
}

function product(keys: Float32Array, a: number, b: number, length: number): number {
  let sum = 0;
  for (let d = 0; d < length; d++) sum += keys[a + d] * keys[b + d];
  return sum;
}
