/** Answers some problems of a cell side by side with one engine. */
import type { EngineProcess } from "../../client/engine/engineProcess";
import type { CacheSettings, SamplingSettings } from "../../shared/settings/settings";
import type { Answer } from "../../shared/wire/engineApi";
import type { ProblemResult, Cell, Outcome } from "./grid";
import { type EvalProblem, isRight } from "./problems";
import { votedOutcome } from "./votedOutcome";

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
  /** Of each problem, whose answers vote; absent for one. */
  chains?: number;
}

export async function answer(
  engine: EngineProcess,
  settings: EvalSettings,
  { cell, problems }: Task,
): Promise<Outcome[]> {
  const { cache, sampling, maxTokens, chains = 1 } = settings;
  const answers = await engine.request("answer", {
    run: `eval ${cell.policy} ${cell.budget} ${problems.join()}`,
    questions: problems.map((problem) => settings.problems[problem].question),
    cache: { ...cache, policy: cell.policy, budget: budgetOf(cell) },
    sampling,
    maxTokens,
    chains,
  });
  return problems.map((problem, i) => {
    const own = answers.slice(i * chains, (i + 1) * chains);
    const outcome = chains === 1 ? outcomeOf : votedOutcome;
    return { ...cell, problem, ...outcome(settings.problems[problem], own) };
  });
}

/** Of one chain. */
function outcomeOf(problem: EvalProblem, [answer]: readonly Answer[]): ProblemResult {
  const { stopReason, tokens, promptTokens, compactions, kvBytes, millis } = answer;
  return {
    right: stopReason === "end" && isRight(problem, answer.answer),
    tokens,
    promptTokens,
    truncated: stopReason !== "end",
    compactions,
    kvBytes,
    seconds: millis / 1000,
  };
}

function budgetOf({ slots }: Cell): CacheSettings["budget"] {
  return slots === undefined ? { kind: "full" } : { kind: "count", slots };
}
