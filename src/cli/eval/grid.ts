/** The cells of an evaluation, and what came out of each. */
import { type Budget, formatBudget, type PolicyName } from "../../shared/settings/settings";

export interface Cell {
  policy: PolicyName;
  /** As asked for: “128”, “16%” or “full”. */
  budget: string;
  /** Slots per KV head; undefined for a full cache. */
  slots?: number;
}

/** One problem in one cell: a line of the results file. */
export interface Outcome {
  policy: PolicyName;
  budget: string;
  slots?: number;
  problem: number;
  right: boolean;
  tokens: number;
  promptTokens: number;
  truncated: boolean;
  compactions: number;
  kvBytes: number;
  seconds: number;
}

export interface CellResult extends Cell {
  problems: number;
  right: number;
  accuracy: number;
  meanTokens: number;
  /** Answers that ended at a limit instead of by themselves. */
  truncated: number;
  meanCompactions: number;
  /** Problems in which nothing was ever evicted. */
  uncompacted: number;
  /** Mean of the cache's bytes at the end of a problem. */
  meanKvBytes: number;
  meanSeconds: number;
}

export const fullCell: Cell = { policy: "full", budget: "full" };

/** Shares are of the mean full-cache chain, prompt not counted, as in the paper's tables. */
export function cellsOf(
  policies: PolicyName[],
  budgets: Budget[],
  window: number,
  meanChain: number,
): Cell[] {
  return policies
    .filter((policy) => policy !== "full")
    .flatMap((policy) =>
      budgets.flatMap((budget) => {
        if (budget.kind === "full") return [];
        const slots =
          budget.kind === "count" ? budget.slots : Math.round((budget.percent / 100) * meanChain);
        return [{ policy, budget: formatBudget(budget), slots: Math.max(slots, window + 1) }];
      }),
    );
}

export function isOf(cell: Cell, outcome: Outcome): boolean {
  return (
    outcome.policy === cell.policy && outcome.budget === cell.budget && outcome.slots === cell.slots
  );
}

export function cellResult(cell: Cell, outcomes: Outcome[]): CellResult {
  const own = outcomes.filter((outcome) => isOf(cell, outcome));
  const count = Math.max(1, own.length);
  const mean = (value: (outcome: Outcome) => number): number =>
    own.reduce((sum, outcome) => sum + value(outcome), 0) / count;
  const right = own.filter((outcome) => outcome.right).length;
  return {
    ...cell,
    problems: own.length,
    right,
    accuracy: right / count,
    meanTokens: mean(({ tokens }) => tokens),
    truncated: own.filter(({ truncated }) => truncated).length,
    meanCompactions: mean(({ compactions }) => compactions),
    uncompacted: own.filter(({ compactions }) => compactions === 0).length,
    meanKvBytes: mean(({ kvBytes }) => kvBytes),
    meanSeconds: mean(({ seconds }) => seconds),
  };
}
