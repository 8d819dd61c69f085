/** Tokens that would fare otherwise, along the text. */
import type { Candidate, Flips } from "../../model/decision";
import { quoted } from "../../model/numbers";
import type { Plot, Word } from "../../scene/scene";
import type { Table } from "../../scene/table";
import type { State, Supposed } from "../../state/state";
import { compactionOf } from "./suppositions";

export function flipPlot(
  state: Readonly<State>,
  supposed: Supposed,
  { savedInstead, evictedInstead }: Flips,
): Plot {
  const places = (of: Candidate[]) =>
    of.map(({ position }) => position + 0.5).sort((a, b) => a - b);
  const all = [...savedInstead, ...evictedInstead];
  const [saved, lost] = [savedInstead.length, evictedInstead.length];
  return {
    x: { domain: [0, compactionOf(state).position] },
    y: { domain: [1, -1] },
    layers: [
      { name: "axis", marks: [{ mark: "rule", y: 0, look: "line" }] },
      {
        name: "saved",
        marks: [{ mark: "pins", x: places(savedInstead), to: 0.97, look: "saved-pin" }],
      },
      {
        name: "lost",
        marks: [{ mark: "pins", x: places(evictedInstead), to: -0.97, look: "lost-pin" }],
      },
    ],
    above: [
      { name: "step-names", steps: state.run.steps },
      {
        name: "saved-words",
        words: [
          { at: "start", text: `▲ ${saved} retained instead`, look: "blue" },
          ...tokenWords(state, savedInstead),
        ],
      },
    ],
    below: [
      {
        name: "lost-words",
        words: [
          { at: "start", text: `▼ ${lost} evicted instead`, look: "mark-quiet" },
          { at: "end", text: "position in the text" },
          ...tokenWords(state, evictedInstead.toReversed()),
        ],
      },
    ],
    at: (x) => {
      const near = all.toSorted((a, b) => Math.abs(a.position - x) - Math.abs(b.position - x))[0];
      return near && { position: near.position, supposed };
    },
  };
}

/** Tokens that are named along the text at most; those that have no room are left out. */
const mostNamed = 60;

function tokenWords({ run: { texts } }: Readonly<State>, candidates: readonly Candidate[]): Word[] {
  return candidates.slice(0, mostNamed).map(({ position }) => {
    return { at: position + 0.5, text: quoted(texts[position] ?? "") };
  });
}

export function flipTable(
  { run: { texts } }: Readonly<State>,
  { savedInstead, evictedInstead }: Flips,
): Table {
  const row = (verdict: string) => (candidate: Candidate) => [
    candidate.position,
    texts[candidate.position] ?? "",
    verdict,
    candidate.score,
  ];
  return {
    columns: ["position", "token", "instead", "score"],
    rows: [...savedInstead.map(row("retained")), ...evictedInstead.map(row("evicted"))],
  };
}
