/** What the person should know about an answer, in plain sentences, with what can be done. */
import type { Answer, AnswerEnd } from "../../../src/shared/chat/chatState";
import type { CacheSettings } from "../../../src/shared/settings/settings";
import { count, percent } from "../../../src/shared/units";

export interface Notice {
  kind: "hint" | "warning" | "error";
  text: string;
  action?: "pinPrompt" | "retry";
}

export function noticesOf(answer: Answer, cache: CacheSettings): Notice[] {
  const { end, notices, error, phase } = answer;
  const all: Notice[] = notices.map((text) => ({ kind: "warning", text }));
  if (end) all.push(...endNotices(answer, end, cache));
  if (phase === "stopped") all.push({ kind: "hint", text: "You stopped this answer." });
  if (error) all.push({ kind: "error", text: error, action: "retry" });
  return all;
}

function endNotices(answer: Answer, end: AnswerEnd, { pinPrompt }: CacheSettings): Notice[] {
  const all: Notice[] = [];
  const reason = stopSentence(end, answer.thinkingTokens + answer.answerTokens);
  if (reason) all.push({ kind: "warning", text: reason });
  if (end.promptForgotten > 0)
    all.push({
      kind: "warning",
      text: `${percent(end.promptForgotten)} of the prompt was evicted from every layer.`,
      action: pinPrompt ? undefined : "pinPrompt",
    });
  if (end.hint) all.push({ kind: "hint", text: end.hint });
  if (end.traceError) all.push({ kind: "warning", text: end.traceError });
  return all;
}

/** tokens: of the text that is shown, which may be one of several chains. */
function stopSentence({ stopReason, position }: AnswerEnd, tokens: number) {
  switch (stopReason) {
    case "context":
      return `The model's context of ${count(position)} tokens is full, so the answer ends here. Start a new conversation, or ask something shorter.`;
    case "length":
      return `The answer was cut at the limit of ${count(tokens)} tokens. The setting for the longest answer raises it.`;
    case "non-finite":
      return "The model produced numbers that are not finite, so the answer ends here. Another device or a larger budget may help.";
    default:
      return undefined;
  }
}
