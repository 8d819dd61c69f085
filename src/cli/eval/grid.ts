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
export interface Outcome extends Cell, ProblemResult {
  problem: number;
}

/** What came of a problem; of several chains, their mean length and the memory of all. */
export interface ProblemResult {
  /** Of several chains: what they voted is. */
  right: boolean;
  tokens: number;
  promptTokens: number;
  truncated: boolean;
  compactions: number;
  kvBytes: number;
  seconds: number;
  /** Absent for one chain. */
  vote?: ChainsOutcome;
}

/** How the chains of a problem compare. */
export interface ChainsOutcome {
  of: number;
  /** Chains that give the answer that was voted. */
  agree: number;
  /** Chains that are right. */
  right: number;
  /** Different answers that they came to. */
  answers: number;
}

export interface CellResult extends Cell {
  problems: number;
  right: number;
  accuracy: number;
  /** Of the accuracy: least and most that it may well be with more problems (95 %, Wilson 1927). */
  interval: [number, number];
  /** Of several chains: the accuracy of each by itself, in the mean. */
  meanAccuracy?: number;
  /** Of several chains: problems in which they came to different answers, or some to none. */
  differing?: number;
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
    interval: wilson(right, own.length),
    ...chainsResult(own.flatMap(({ vote }) => vote ?? [])),
    meanTokens: mean(({ tokens }) => tokens),
    truncated: own.filter(({ truncated }) => truncated).length,
    meanCompactions: mean(({ compactions }) => compactions),
    uncompacted: own.filter(({ compactions }) => compactions === 0).length,
    meanKvBytes: mean(({ kvBytes }) => kvBytes),
    meanSeconds: mean(({ seconds }) => seconds),
  };
}

function chainsResult(votes: ChainsOutcome[]): Pick<CellResult, "meanAccuracy" | "differing"> {
  if (votes.length === 0) return {};
  const shares = votes.map(({ right, of }) => right / of);
  return {
    meanAccuracy: shares.reduce((sum, share) => sum + share, 0) / votes.length,
    differing: votes.filter(({ agree, of }) => agree < of).length,
  };
}

const z95 = 1.959964;

/** Of `right` out of `all`, as shares. */
function wilson(right: number, all: number): [number, number] {
  if (all === 0) return [0, 1];
  const share = right / all;
  const spread = z95 * Math.sqrt((share * (1 - share)) / all + z95 ** 2 / (4 * all ** 2));
  const [centre, scale] = [share + z95 ** 2 / (2 * all), 1 + z95 ** 2 / all];
  return [(centre - spread) / scale, (centre + spread) / scale];
}
