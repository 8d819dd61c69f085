import { finalAnswer } from "../../../src/shared/answers/finalAnswer";
import type { Run } from "./run";

/**
 * What a run answers in the end, as chains are counted; undefined where it has no answer, or was
 * stopped before its end.
 */
export function answerOf({ steps, texts, end, chain }: Run): string | undefined {
  // The trace says only of its first chain why it stopped.
  if (chain === 0 && end && end.stopReason !== "end") return undefined;
  const before = steps.findLastIndex(({ kind }) => kind !== "answer");
  const first = steps[before + 1];
  return first && finalAnswer(texts.slice(first.from).join(""));
}
