/** What repeats what, line by line: the near-duplicates of a slot, or what is held several times. */
import { repeats, type Repeat } from "../../model/repeats";
import { quoted } from "../../model/numbers";
import { stepAt } from "../../model/moment";
import { stepsNamed } from "../../model/stepWords";
import type { List, ListLine } from "../../scene/scene";
import type { Table } from "../../scene/table";
import { staysAfter, type Shown } from "../../state/similarities";
import type { State } from "../../state/state";
import { named } from "./positions";
import type { Chosen } from "./similarityPlots";

/** Lines of one list, and places and steps of one line. */
const mostLines = 40;
const mostPlaces = 6;

/** Near-duplicates of the chosen slot, nearest first. */
export function nearList(state: Readonly<State>, shown: Shown, { slot, near }: Chosen): List {
  const { positions, threshold } = shown.found;
  const token = named(state.run, positions[slot]);
  if (near.length === 0)
    return { title: `Nothing nearer than ${threshold} to ${token}`, lines: [] };
  const lines = near.slice(0, mostLines).map(({ slot: other, similarity, spared }): ListLine => {
    const position = positions[other];
    const fate = staysAfter(state, shown.asked, position) ? "held" : "evicted";
    const detail = [
      `cosine ${similarity.toFixed(2)}`,
      ...stepOf(state, [position]),
      ...(spared ? ["spared"] : []),
      fate,
    ];
    return { words: named(state.run, position), detail: detail.join(" · "), target: { position } };
  });
  return { title: `Near-duplicates of ${token}`, lines, more: near.length - lines.length };
}

/** What is said several times with keys that are near-duplicates. */
export function repeatsOf({ run }: Readonly<State>, { found }: Shown): Repeat[] {
  return repeats({ ...found, textOf: (position) => run.texts[position] ?? "" });
}

export function repeatList(state: Readonly<State>, shown: Shown, found: Repeat[]): List {
  const lines = found.slice(0, mostLines).map((repeat): ListLine => {
    const { words, places, held } = told(state, shown, repeat);
    const rest = places.length > mostPlaces ? ", …" : "";
    const detail = [
      `at ${places.slice(0, mostPlaces).join(", ")}${rest}`,
      ...stepOf(state, places),
      `${held} of ${places.length} held`,
    ];
    return {
      words: `${quoted(words)} said ${places.length} times`,
      detail: detail.join(" · "),
      target: { position: places[places.length - 1] },
    };
  });
  const more = found.length - lines.length;
  const title =
    lines.length > 0 ? "Said several times in these slots" : "Nothing is said twice with like keys";
  return { title, lines, more };
}

export function repeatTable(state: Readonly<State>, shown: Shown, found: Repeat[]): Table {
  const rows = found.map((repeat) => {
    const { words, places, held } = told(state, shown, repeat);
    return [words, places.length, places.join(" "), held];
  });
  return { columns: ["words", "times", "positions", "held after it"], rows };
}

/** Its words, where they stand, and at how many places all of them are held after the compaction. */
function told(state: Readonly<State>, { asked, found }: Shown, { places, length }: Repeat) {
  const at = places.map((place) => found.positions[place]);
  const texts = state.run.texts.slice(at[0], at[0] + length);
  const isHeld = (from: number): boolean =>
    texts.every((_, index) => staysAfter(state, asked, from + index));
  return { words: texts.join(""), places: at, held: at.filter(isHeld).length };
}

/** “steps 4, 9 and 11”; nothing where no steps were written. */
function stepOf({ run: { steps } }: Readonly<State>, positions: number[]): string[] {
  const found = [...new Set(positions.map((position) => stepAt(steps, position)))];
  const known = found.filter((step) => step >= 0);
  if (known.length === 0) return [];
  if (known.length > mostPlaces) return [`${known.length} steps`];
  return [stepsNamed(steps, known)];
}
