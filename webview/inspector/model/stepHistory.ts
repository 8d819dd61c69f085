import type { Run, Step } from "./run";
import { survival, type Survival } from "./survival";

export interface StepHistory extends Survival {
  name: string;
  step: Step;
}

const known = new WeakMap<Run, { version: number; steps: StepHistory[] }>();

/** What survives of each step after each compaction; counted once per version of the run. */
export function historyOf(run: Run): StepHistory[] {
  const found = known.get(run);
  if (found?.version === run.version) return found.steps;
  const steps = run.steps.map((step, index) => ({
    step,
    name: stepName(step, index),
    ...survival(run, step.from, step.to),
  }));
  known.set(run, { version: run.version, steps });
  return steps;
}

export function stepName({ kind }: Pick<Step, "kind">, index: number): string {
  return kind === "prompt" ? "Prompt" : `Step ${index}`;
}
