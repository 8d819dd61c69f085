/** What several chains say, and what they voted. */
import { finalAnswer } from "../shared/answers/finalAnswer";
import type { GenerationEnd } from "../shared/wire/engineApi";
import { describeStop } from "./figuresLine";

export const allAlike =
  "At temperature 0 all chains say the same: leave --temperature or --greedy out to have them differ.";

/** The majority's answer, and those of the chains that do not agree. */
export function voteInWords({ chains, vote }: Pick<GenerationEnd, "chains" | "vote">): string[] {
  if (!vote) return ["No chain came to an answer, so there is nothing to vote on."];
  const others = chains.flatMap((chain, number) =>
    vote.chains.includes(number) ? [] : [`Chain ${number + 1}: ${wordsOf(chain)}`],
  );
  return [`${vote.answer} (${vote.agree} of ${vote.of} agree)`, ...others];
}

function wordsOf({ answer, stopReason }: GenerationEnd["chains"][number]): string {
  return describeStop(stopReason) ?? finalAnswer(answer) ?? "no answer";
}
