/** Why a token was retained or evicted: every candidate of one head, best score first. */
import { policyLabel } from "../../../src/shared/settings/policies";
import { margin as marginOf, type Decision } from "../model/decision";
import { quoted, score } from "../model/numbers";
import { neighbours } from "../model/similarity";
import type { Instead, Scene, Size } from "../scene/scene";
import type { Table } from "../scene/table";
import type { Data } from "../state/data";
import {
  explained,
  explainedDecision,
  explainedName,
  explainedSimilarities,
} from "../state/explained";
import type { State } from "../state/state";
import { nothingEvicted, nothingToShow, scoresAbsent } from "./parts/absent";
import { lifePlot } from "./parts/life";
import { scorePlot } from "./parts/scores";

export function why(state: Readonly<State>, data: Data, size: Size): Scene {
  const asked = explained(state);
  const found = asked && explainedDecision(state, data, asked);
  const table = () => decisionTable(state, found);
  if (!found) return nothingToShow(absence(state, data), table);
  const life = state.selected === undefined ? [] : [lifePlot(state, data, state.selected)];
  return {
    sentence: sentence(state, found),
    rows: life.length > 0 ? [75, 25] : [1],
    plots: [scorePlot(state, data, size, found, sparedPosition(state, data)), ...life],
    arrows: arrows(state, found),
    table,
  };
}

function absence(state: Readonly<State>, data: Data): Instead {
  return state.run.compactions.length === 0 ? nothingEvicted : scoresAbsent(state, data);
}

/** The near-duplicate of the selected token that its similarity did not count against. */
function sparedPosition(state: Readonly<State>, data: Data): number | undefined {
  const asked = explained(state);
  const found = asked && explainedSimilarities(state, data, asked);
  const slot = found?.positions.indexOf(state.selected ?? -1) ?? -1;
  if (!found || slot < 0) return undefined;
  const near = neighbours(found.values, found.order, slot, found.threshold);
  const spared = near.find((neighbour) => neighbour.spared);
  return spared && found.positions[spared.slot];
}

function arrows({ selected }: Readonly<State>, { candidates }: Decision): Scene["arrows"] {
  const rank = candidates.findIndex(({ position }) => position === selected);
  const to = (index: number) => {
    const next = candidates[Math.max(0, Math.min(candidates.length - 1, index))];
    return next ? { position: next.position } : {};
  };
  return { ArrowLeft: to(rank - 1), ArrowRight: to(rank + 1) };
}

function sentence(state: Readonly<State>, found: Decision): string {
  const { run, selected } = state;
  const asked = explained(state);
  if (!asked) return "";
  const name = `${explainedName(asked)} · ${policyLabel(run.compactions[asked.compaction].policy)}`;
  if (selected === undefined) return name;
  const token = quoted(run.texts[selected]);
  const rank = found.candidates.findIndex(({ position }) => position === selected);
  if (rank < 0) {
    const absent = found.exempt.includes(selected) ? "did not compete" : "was not a candidate";
    return `${token} ${absent} · ${name}`;
  }
  const chosen = found.candidates[rank];
  const verdict = chosen.retained ? "retained" : "evicted";
  const by = score(Math.abs(marginOf(chosen, found)));
  return `${token} ${verdict} by ${by} · rank ${rank + 1} of ${found.candidates.length}, cut at ${found.cut} · ${name}`;
}

const columns = [
  "rank",
  "position",
  "token",
  "score",
  "importance",
  "redundancy",
  "λ·importance",
  "(1−λ)·redundancy",
  "margin",
  "verdict",
];

function decisionTable(state: Readonly<State>, found: Decision | undefined): Table {
  const { run } = state;
  const asked = explained(state);
  const lambda = asked ? run.compactions[asked.compaction].lambda : NaN;
  const rows = (found?.candidates ?? []).map((candidate, rank) => [
    rank + 1,
    candidate.position,
    run.texts[candidate.position] ?? "",
    candidate.score,
    candidate.importance,
    candidate.redundancy,
    lambda * candidate.importance,
    (1 - lambda) * candidate.redundancy,
    found ? marginOf(candidate, found) : NaN,
    candidate.retained ? "retained" : "evicted",
  ]);
  return { columns, rows };
}
