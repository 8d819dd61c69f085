import type { Candidate } from "../../model/decision";
import type { Look } from "../../scene/looks";
import type { Word } from "../../scene/scene";
import type { State } from "../../state/state";
import { named } from "./positions";

/** A candidate that is marked, and how. */
interface Chosen {
  position: number;
  rank: number;
  line: Look;
  word: Look;
}

/** Pointed at, spared and selected, where they competed; the most important last. */
export function chosenOf(
  { hovered, selected }: Readonly<State>,
  candidates: Candidate[],
  spared: number | undefined,
): Chosen[] {
  const marks = [
    { position: hovered, line: "hover-line", word: "muted" },
    { position: spared, line: "spared-line", word: "mark-quiet" },
    { position: selected, line: "hairline", word: "mark" },
  ] as const;
  return marks.flatMap(({ position, line, word }) => {
    const rank = candidates.findIndex((candidate) => candidate.position === position);
    return rank < 0 || position === undefined ? [] : [{ position, rank, line, word }];
  });
}

export function chosenWords({ run }: Readonly<State>, chosen: Chosen[]): Word[] {
  const words = chosen.toReversed().map(({ position, rank, line, word }): Word => {
    const name = named(run, position);
    const text = line === "spared-line" ? `spared: ${name}` : `${name}, rank ${rank + 1}`;
    return { at: rank + 0.5, text, look: word };
  });
  return [...words, { at: "start", text: "best score first" }];
}
