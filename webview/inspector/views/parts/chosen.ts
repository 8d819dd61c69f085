import type { Candidate } from "../../model/decision";
import { ordinal } from "../../model/explanation";
import type { Twin } from "../../model/reasons";
import type { Look } from "../../scene/looks";
import type { Word, Words } from "../../scene/scene";
import type { State } from "../../state/state";
import { named } from "./positions";

/** A candidate that is marked, and how. */
interface Chosen {
  position: number;
  rank: number;
  line: Look;
  word: Look;
}

/** Pointed at, near-duplicate and selected, where they competed; the most important last. */
export function chosenOf(
  { hovered, selected }: Readonly<State>,
  candidates: Candidate[],
  twin: Twin | undefined,
): Chosen[] {
  const marks = [
    { position: hovered, line: "hover-line", word: "muted" },
    { position: twin?.position, line: "spared-line", word: "mark-quiet" },
    { position: selected, line: "hairline", word: "mark" },
  ] as const;
  return marks.flatMap(({ position, line, word }) => {
    const rank = candidates.findIndex((candidate) => candidate.position === position);
    return rank < 0 || position === undefined ? [] : [{ position, rank, line, word }];
  });
}

/** Selected and pointed at; the near-duplicate has a line of its own, so that it never hides either. */
export function chosenWords(
  { run }: Readonly<State>,
  chosen: Chosen[],
  twin: Twin | undefined,
): Words[] {
  const [own, twins] = [false, true].map((isTwin) =>
    chosen.filter(({ line }) => (line === "spared-line") === isTwin).toReversed(),
  );
  const words = own.map(({ position, rank, word: look }): Word => {
    return { at: rank + 0.5, text: `${named(run, position)}, ${ordinal(rank + 1)}`, look };
  });
  const fate = twin?.retained ? "stayed" : "went";
  const below = twins.map(({ position, rank, word: look }): Word => {
    return { at: rank + 0.5, text: `${fate}: ${named(run, position)}`, look };
  });
  return [
    { name: "chosen-words", words: [...words, { at: "end", text: "best score first →" }] },
    ...(below.length > 0 ? [{ name: "twin-words", words: below }] : []),
  ];
}
