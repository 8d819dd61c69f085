import type { Work } from "./pieces";
import type { Run, Step } from "./run";
import { survivals, type Rows, type Survival } from "./survival";

export interface StepHistory {
  name: string;
  step: Step;
  survival: Survival;
}

/** What survives of each step after each compaction, in all rows or some. */
export function* stepHistories(run: Run, rows?: Rows): Work<StepHistory[]> {
  const { steps } = run;
  const found = yield* survivals(run, steps, rows);
  return steps.map((step, index) => ({
    step,
    name: stepName(step, index),
    survival: found[index],
  }));
}

export function stepName({ kind }: Pick<Step, "kind">, index: number): string {
  return kind === "prompt" ? "Prompt" : `Step ${index}`;
}
