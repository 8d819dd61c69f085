/** Which candidates would fare otherwise with another λ, budget or threshold: to first order. */
import { flips, type Candidate, type Decision, type Flips } from "../model/decision";
import type { Instead, Plot, Scene } from "../scene/scene";
import type { Table } from "../scene/table";
import type { Data } from "../state/data";
import {
  explained,
  explainedDecision,
  explainedName,
  explainedSimilarities,
  supposedRedundancy,
} from "../state/explained";
import type { State } from "../state/state";
import { noCompaction, nothingToShow, scoresAbsent } from "./parts/absent";
import { compactionOf, sliders } from "./parts/suppositions";

export function whatIf(state: Readonly<State>, data: Data): Scene {
  const asked = explained(state);
  const found = asked && explainedDecision(state, data, asked);
  const isRkv = compactionOf(state)?.policy === "rkv";
  const controls = sliders(state, found);
  const flipped = found && isRkv ? flipsOf(state, data, found) : nothing;
  const table = () => flipTable(state, flipped);
  const sentence = asked ? `${firstOrder} · ${explainedName(asked)}` : "";
  if (!found || !isRkv)
    return { ...nothingToShow(absence(state, data), table, sentence), controls };
  return { sentence, controls, plots: [plotOf(state, flipped)], table };
}

const firstOrder = "first order: logged scores ranked anew, later compactions not re-run";
const nothing: Flips = { savedInstead: [], evictedInstead: [] };

function absence(state: Readonly<State>, data: Data): Instead {
  if (!explained(state)) return noCompaction;
  if (compactionOf(state).policy === "rkv") return scoresAbsent(state, data);
  return { text: "Only R-KV's scores have the parts that can be weighed anew." };
}

function flipsOf(state: Readonly<State>, data: Data, found: Decision): Flips {
  const { lambda, retain, threshold } = state.supposed;
  const asked = explained(state);
  const similar = threshold !== undefined && asked && explainedSimilarities(state, data, asked);
  return flips(found, {
    lambda: lambda ?? compactionOf(state).lambda,
    retain: retain ?? found.cut,
    redundancy: similar ? supposedRedundancy(similar, threshold) : undefined,
  });
}

function plotOf(state: Readonly<State>, { savedInstead, evictedInstead }: Flips): Plot {
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
        marks: [{ mark: "pins", x: places(savedInstead), to: 0.9, look: "saved-pin" }],
      },
      {
        name: "lost",
        marks: [{ mark: "pins", x: places(evictedInstead), to: -0.9, look: "lost-pin" }],
      },
    ],
    above: [
      {
        name: "saved-words",
        words: [{ at: "start", text: `▲ ${saved} retained instead`, look: "blue" }],
      },
    ],
    below: [
      {
        name: "lost-words",
        words: [
          { at: "start", text: `▼ ${lost} evicted instead`, look: "mark-quiet" },
          { at: "end", text: "position in the text" },
        ],
      },
    ],
    at: (x) => {
      const near = all.toSorted((a, b) => Math.abs(a.position - x) - Math.abs(b.position - x))[0];
      return near && { position: near.position, supposed: state.supposed };
    },
  };
}

function flipTable(
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
