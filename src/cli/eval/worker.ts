/** Answers problems one after another with one engine. */
import type { EngineProcess } from "../../client/engineProcess";
import type { CacheSettings, SamplingSettings } from "../../shared/settings";
import type { Cell, Outcome } from "./grid";
import { type EvalProblem, isRight } from "./problems";

export interface Task {
  cell: Cell;
  problem: number;
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
  { cell, problem }: Task,
): Promise<Outcome> {
  const { cache, sampling, maxTokens } = settings;
  const { question } = settings.problems[problem];
  const end = await engine.request("generate", {
    run: `eval ${cell.policy} ${cell.budget} ${problem}`,
    prompt: { kind: "chat", messages: [{ role: "user", content: question }] },
    cache: { ...cache, policy: cell.policy, budget: budgetOf(cell) },
    sampling,
    maxTokens,
    chains: 1,
  });
  const [chain] = end.chains;
  const isEnded = chain.stopReason === "end";
  return {
    ...cell,
    problem,
    right: isEnded && isRight(settings.problems[problem], chain.answer),
    tokens: end.tokens,
    promptTokens: end.promptTokens,
    truncated: !isEnded,
    compactions: end.compactions,
    kvBytes: end.kvBytes,
    seconds: end.millis / 1000,
  };
}

function budgetOf({ slots }: Cell): CacheSettings["budget"] {
  return slots === undefined ? { kind: "full" } : { kind: "count", slots };
}
