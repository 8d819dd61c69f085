/** Chains of an answer in words. */
import { type Answer, type AnswerChain, isRunning } from "../../../src/shared/chat/chatState";
import { count, counted } from "../../../src/shared/units";

/** Of all chains together. */
export function howTheyStand(answer: Answer): string {
  const { chains = [], vote } = answer;
  const all = chains.length;
  if (isRunning(answer)) {
    const ended = chains.filter(({ stopReason }) => stopReason !== undefined).length;
    return ended === 0 ? `${all} chains think` : `${ended} of ${all} chains have ended`;
  }
  if (!vote) return `None of ${all} chains came to an answer`;
  return `${vote.agree} of ${vote.of} agree`;
}

function tokensOf({ thinkingTokens, answerTokens }: AnswerChain): number {
  return thinkingTokens + answerTokens;
}

/** What a chain came to, or how far it is, as short as its mark. */
export function wordOf(chain: AnswerChain): string {
  if (chain.found !== undefined) return chain.found;
  return chain.stopReason === undefined ? `${count(tokensOf(chain))} tok` : "–";
}

/** “Chain 3: 42, 626 tokens”. number: from 0 on. */
export function sentenceOf(chain: AnswerChain, number: number): string {
  const said = chain.found ?? whyNone(chain);
  const words =
    said === undefined ? wordOf(chain) : `${said}, ${counted(tokensOf(chain), "token")}`;
  return `Chain ${number + 1}: ${words}`;
}

/** Undefined while it runs. */
function whyNone({ stopReason }: AnswerChain): string | undefined {
  switch (stopReason) {
    case undefined:
      return undefined;
    case "settled":
      return "stopped because the vote was settled";
    case "cancelled":
      return "stopped by you";
    case "end":
      return "no answer";
    default:
      return "cut at a limit";
  }
}
