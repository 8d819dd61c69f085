/** What a head holds several times: words that come again, with keys that are near-duplicates. */
import { group } from "d3";

/** The same words at several places, the keys of each word near-duplicates of one another. */
export interface Repeat {
  /** Slots of the first word at each place, ascending. */
  places: number[];
  /** Words, in slots next to each other. */
  length: number;
}

/** Words of one repeat, and repeats that are looked for, at most. */
const longest = 12;
const most = 60;
/** Slots of one word that are compared with each other, the newest. */
const mostOfOne = 512;

interface Slots {
  /** [slots] ascending. */
  positions: readonly number[];
  /** Of the token at a position. */
  textOf: (position: number) => string;
  /** [slots, slots] cosines. */
  values: Float32Array;
  threshold: number;
}

/** Those first that say most again: words by times said anew. No slot is in two of them. */
export function repeats(slots: Slots): Repeat[] {
  const cluster = clusterOf(slots);
  const found: Repeat[] = [];
  const isTaken = new Uint8Array(slots.positions.length);
  for (const { places, length } of phrases(slots, cluster)) {
    const free = apart(places, length, isTaken);
    if (free.length < 2 || found.length >= most) continue;
    for (const place of free) isTaken.fill(1, place, place + length);
    found.push({ places: free, length });
  }
  return found.sort((a, b) => again(b) - again(a));
}

const again = ({ places, length }: Repeat): number => (places.length - 1) * length;

/** [slots] of which cluster each is: same word, joined by near-duplicates; −1 where it is alone. */
function clusterOf({ positions, textOf, values, threshold }: Slots): Int32Array {
  const cluster = new Int32Array(positions.length).fill(-1);
  const slots = positions.map((_, slot) => slot);
  const alike = group(slots, (slot) => textOf(positions[slot]).trim());
  for (const all of alike.values()) {
    const one = all.slice(-mostOfOne);
    const rest = new Set(one);
    for (const first of one) {
      if (!rest.delete(first)) continue;
      const members = [first];
      for (const member of members)
        for (const other of rest)
          if (values[member * positions.length + other] > threshold) {
            rest.delete(other);
            members.push(other);
          }
      if (members.length > 1) for (const member of members) cluster[member] = first;
    }
  }
  return cluster;
}

/** Every sequence of clusters that stands at two places or more, the longest say first. */
function phrases({ positions, textOf }: Slots, cluster: Int32Array): Repeat[] {
  const byName = new Map<string, Repeat>();
  for (let from = 0; from < positions.length; from++) {
    let name = "";
    let isTelling = false;
    for (let length = 1; length <= longest; length++) {
      const slot = from + length - 1;
      if (!(cluster[slot] >= 0) || positions[slot] !== positions[from] + length - 1) break;
      name += `${cluster[slot]} `;
      isTelling ||= /[\p{L}\p{N}]/u.test(textOf(positions[slot]));
      if (!isTelling) continue;
      const known = byName.get(name) ?? { places: [], length };
      known.places.push(from);
      byName.set(name, known);
    }
  }
  return [...byName.values()]
    .filter(({ places }) => places.length > 1)
    .sort((a, b) => again(b) - again(a) || a.places[0] - b.places[0]);
}

/** Those of the places that overlap neither what is taken nor each other. */
function apart(places: number[], length: number, isTaken: Uint8Array): number[] {
  let end = 0;
  return places.filter((place) => {
    const isFree = place >= end && !isTaken.subarray(place, place + length).includes(1);
    if (isFree) end = place + length;
    return isFree;
  });
}
