/** Answers some problems of a cell side by side with one engine. */
import type { EngineProcess } from "../../client/engine/engineProcess";
import type { CacheSettings, SamplingSettings } from "../../shared/settings/settings";
import type { Cell, Outcome } from "./grid";
import { type EvalProblem, isRight } from "./problems";

/** Problems of one cell, to be answered in one batch. */
export interface Task {
  cell: Cell;
  problems: number[];
}

export interface EvalSettings {
  problems: EvalProblem[];
  cache: CacheSettings;
  sampling: SamplingSettings;
  maxTokens: number;
}

export async function answer(
  engine: EngineProcess,
  settings: EvalSettings,
  { cell, problems }: Task,
): Promise<Outcome[]> {
  const { cache, sampling, maxTokens } = settings;
  const answers = await engine.request("answer", {
    run: `eval ${cell.policy} ${cell.budget} ${problems.join()}`,
    questions: problems.map((problem) => settings.problems[problem].question),
    cache: { ...cache, policy: cell.policy, budget: budgetOf(cell) },
    sampling,
    maxTokens,
  });
  return answers.map(({ answer, stopReason, millis, ...counts }, i) => ({
    ...cell,
    ...counts,
    problem: problems[i],
    right: stopReason === "end" && isRight(settings.problems[problems[i]], answer),
    truncated: stopReason !== "end",
    seconds: millis / 1000,
  }));
}

function budgetOf({ slots }: Cell): CacheSettings["budget"] {
  return slots === undefined ? { kind: "full" } : { kind: "count", slots };
}
