/** What the chains of a problem came to together. */
import { finalAnswer } from "../../shared/answers/finalAnswer";
import { answersOf, countVotes } from "../../shared/answers/vote";
import type { Answer } from "../../shared/wire/engineApi";
import type { ProblemResult } from "./grid";
import { type EvalProblem, isRight } from "./problems";

/** A chain that was cut at a limit has no vote, and is wrong. */
export function votedOutcome(problem: EvalProblem, chains: readonly Answer[]): ProblemResult {
  const ended = chains.map(({ answer, stopReason }) => (stopReason === "end" ? answer : undefined));
  const ballots = ended.flatMap((text, chain) => {
    const answer = text === undefined ? undefined : finalAnswer(text);
    const { meanLogProb } = chains[chain];
    return answer === undefined ? [] : [{ chain, answer, meanLogProb }];
  });
  const vote = countVotes(ballots, chains.length);
  const isRightChain = ended.map((text) => text !== undefined && isRight(problem, text));
  return {
    right: vote !== undefined && isRightChain[vote.chains[0]],
    ...figuresOf(chains),
    truncated: vote === undefined,
    vote: {
      of: chains.length,
      agree: vote?.agree ?? 0,
      right: isRightChain.filter(Boolean).length,
      answers: answersOf(ballots),
    },
  };
}

function figuresOf(chains: readonly Answer[]): Omit<ProblemResult, "right" | "truncated"> {
  const sum = (of: (chain: Answer) => number) => chains.reduce((sum, one) => sum + of(one), 0);
  return {
    tokens: sum(({ tokens }) => tokens) / chains.length,
    promptTokens: chains[0].promptTokens,
    compactions: sum(({ compactions }) => compactions) / chains.length,
    kvBytes: sum(({ kvBytes }) => kvBytes),
    seconds: Math.max(...chains.map(({ millis }) => millis)) / 1000,
  };
}
