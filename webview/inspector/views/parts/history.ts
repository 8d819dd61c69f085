/** What both histories by step, of what survives and of what went, are drawn from. */
import { bisectRight, cumsum } from "d3";
import { count, counted } from "../../../../src/shared/units";
import type { Run } from "../../model/run";
import { stepHistories, type StepHistory } from "../../model/stepHistory";
import { rowsMade, type Table } from "../../scene/table";
import type { Span, Words } from "../../scene/scene";
import type { Data } from "../../state/data";
import type { State } from "../../state/state";

/** What survives of each step; of a run that grows it may be a little behind. */
export function historyOf({ run }: Readonly<State>, data: Data): StepHistory[] | undefined {
  return data.countedLately(run, "history", String(run.version), () => stepHistories(run));
}

/** The same of one head alone. */
export function historyOfHead(
  { run, layer, head }: Readonly<State>,
  data: Data,
): StepHistory[] | undefined {
  const row = layer * run.header.kvHeads + head;
  return data.countedLately(run, `history of row ${row}`, String(run.version), () =>
    stepHistories(run, [row, row + 1]),
  );
}

/** “the prompt”, “step 4” */
export function stepWords({ name, step }: StepHistory): string {
  return step.kind === "prompt" ? "the prompt" : name.toLowerCase();
}

/** “12 of its 71 tokens are” */
export function goneOf({ step, survival: left }: StepHistory, compactions: number): string {
  const gone = left.forgottenAfter(compactions);
  const all = counted(step.to - step.from, "token");
  return `${gone === 0 ? "none" : count(gone)} of its ${all} ${gone <= 1 ? "is" : "are"}`;
}

/** Indices of things that share a length of pixels: all of them, or one for each pixel. */
export function evenly(things: number, pixels: number): number[] {
  const length = Math.min(things, Math.max(1, Math.round(pixels)));
  return Array.from({ length }, (_, index) => Math.floor((index * things) / length));
}

/** Names of the steps at the left, and numbers of the compactions below. */
export function stepAxes(run: Run, steps: readonly StepHistory[]) {
  const { length } = run.compactions;
  const bands = { count: length, name: (index: number) => String(index + 1) };
  const below: Words[] = [
    { name: "compactions", bands },
    { name: "unit", words: [{ at: "end", text: "compaction" }] },
  ];
  const labels = { count: steps.length, name: (index: number) => steps[index].name };
  return { x: { domain: [0, length] as Span }, below, labels };
}

const columns = [
  "step",
  "title",
  "tokens",
  "compaction",
  "slots evicted",
  "share held",
  "forgotten by all",
  "mean KL of the step, nats",
];

/** Every step after every compaction that it lived to see. */
export function survivalTable(run: Run, steps: StepHistory[]): Table {
  const positions = run.compactions.map(({ position }) => position);
  /** Compactions that a step did not live to see stand at the beginning, and have no row. */
  const unseen = steps.map(({ step }) => bisectRight(positions, step.from));
  const ends = cumsum(unseen, (count) => positions.length - count);
  const rows = rowsMade(ends.at(-1) ?? 0, (index) => {
    const line = bisectRight(ends, index);
    const compaction = positions.length - (ends[line] - index);
    const { name, step, survival } = steps[line];
    return [
      name,
      step.title,
      step.to - step.from,
      compaction + 1,
      survival.evictedIn(compaction),
      Math.fround(survival.heldAfter(compaction + 1)),
      survival.forgottenAfter(compaction + 1),
      run.divergences.meanKl(step.from, step.to),
    ];
  });
  return { columns, rows };
}
