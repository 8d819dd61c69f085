/** Chains of one question vote: answers are compared by value, and the majority is the answer. */
import { valueKey } from "./answers";

/** What a chain that has come to its end answers. */
export interface Ballot {
  /** The chain's number. */
  chain: number;
  /** As finalAnswer finds it. */
  answer: string;
  /** Mean natural log of its tokens' probabilities. */
  meanLogProb: number;
}

export interface Vote {
  /** As the first of the chains that agree puts it. */
  answer: string;
  /** How many chains give it. */
  agree: number;
  /** All chains, also those that gave no answer or were stopped before. */
  of: number;
  /** The numbers of those that agree, ascending. */
  chains: number[];
}

/** How the vote goes, in the words that people read beside it. */
export const voteRule =
  "Answers are compared by value, and what most chains say is the answer; of equally many, the surer ones win. As soon as the chains that still think could not change that, they stop.";

/**
 * The answer that most ballots give; of equally many, the one whose chains found their tokens
 * likelier in the mean, then the one of the first chain. Undefined without a ballot.
 */
export function countVotes(ballots: readonly Ballot[], of: number): Vote | undefined {
  const [winners] = standings(ballots);
  if (!winners) return undefined;
  const chains = winners.map(({ chain }) => chain);
  return { answer: winners[0].answer, agree: chains.length, of, chains };
}

/** The chain whose text stands for all: the first one that agrees with the majority. */
export function shownChain(vote: Vote | undefined): number {
  return vote?.chains[0] ?? 0;
}

/** Whether the answer stays what it is, whatever the chains that are still open come to. */
export function isSettled(ballots: readonly Ballot[], open: number): boolean {
  const [first, second] = standings(ballots).map(({ length }) => length);
  return first !== undefined && first - (second ?? 0) > open;
}

/** How many different answers there are. */
export function answersOf(ballots: readonly Ballot[]): number {
  return standings(ballots).length;
}

/** The ballots of each answer by chain, the winner's first. */
function standings(ballots: readonly Ballot[]): Ballot[][] {
  const byKey = new Map<string, Ballot[]>();
  for (const ballot of [...ballots].sort((a, b) => a.chain - b.chain)) {
    const key = valueKey(ballot.answer);
    byKey.set(key, [...(byKey.get(key) ?? []), ballot]);
  }
  // Sorting is stable: of what is equal in both, the first chain's stays in front.
  return [...byKey.values()].sort((a, b) => b.length - a.length || sureness(b) - sureness(a));
}

function sureness(ballots: readonly Ballot[]): number {
  return ballots.reduce((sum, { meanLogProb }) => sum + meanLogProb, 0) / ballots.length;
}
