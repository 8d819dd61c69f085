/** What survives of each reasoning step. */
import { bisectRight, cumsum } from "d3";
import type { Run } from "../../model/run";
import { stepHistories, type StepHistory } from "../../model/stepHistory";
import { rowsMade, type Table } from "../../scene/table";
import type { Data } from "../../state/data";
import type { State } from "../../state/state";

/** What survives of each step; of a run that grows it may be a little behind. */
export function historyOf({ run }: Readonly<State>, data: Data): StepHistory[] | undefined {
  return data.countedLately(run, "history", String(run.version), () => stepHistories(run));
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
export function historyTable(run: Run, steps: StepHistory[]): Table {
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
