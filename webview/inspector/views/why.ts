/** Why a token was retained or evicted: in words, then every candidate of one head, best first. */
import { cutWords } from "../model/cutWords";
import { margin as marginOf, type Decision } from "../model/decision";
import { explanation } from "../model/explanation";
import type { Scene, Size } from "../scene/scene";
import type { Table } from "../scene/table";
import type { Data } from "../state/data";
import { asideOf, explained, explainedDecision, explainedTwin } from "../state/explained";
import { momentOf, type State } from "../state/state";
import { noCompaction, nothingEvicted, nothingToShow, scoresAbsent } from "./parts/absent";
import { lifePlot } from "./parts/life";
import { scorePlot } from "./parts/scores";

export function why(state: Readonly<State>, data: Data, size: Size): Scene {
  const { run, selected } = state;
  const asked = explained(state);
  const found = asked && explainedDecision(state, data, asked);
  const table = () => decisionTable(state, found);
  if (!asked)
    return nothingToShow(run.compactions.length === 0 ? nothingEvicted : noCompaction, table);
  const twin = selected === undefined ? undefined : explainedTwin(state, data, asked, selected);
  const words = data.derive("sentence", () => sentence(state, data));
  const aside = asideOf(state);
  if (!found) return { ...nothingToShow(scoresAbsent(state, data), table, words), aside };
  const life = selected === undefined ? [] : [lifePlot(state, data, selected)];
  return {
    sentence: words,
    aside,
    rows: life.length > 0 ? [75, 25] : [1],
    plots: [scorePlot(state, data, size, found, twin), ...life],
    arrows: arrows(state, found),
    table,
  };
}

/** Made anew only when the decision or the selection is another one: the pointer moves more often. */
function sentence(state: Readonly<State>, data: Data): string {
  const { run, selected: position } = state;
  const asked = explained(state);
  if (!asked) return "";
  const decision = explainedDecision(state, data, asked);
  if (position === undefined) return decision ? cutWords(asked, decision) : "";
  const twin = explainedTwin(state, data, asked, position);
  return explanation({ run, moment: momentOf(state), asked, position, decision, twin });
}

function arrows({ selected }: Readonly<State>, { candidates }: Decision): Scene["arrows"] {
  const rank = candidates.findIndex(({ position }) => position === selected);
  const to = (index: number) => {
    const next = candidates[Math.max(0, Math.min(candidates.length - 1, index))];
    return next ? { position: next.position } : {};
  };
  return { ArrowLeft: to(rank - 1), ArrowRight: to(rank + 1) };
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
