import type { Answer } from "../../src/shared/chat/chatState";

export function emptyAnswer(id: string): Answer {
  return {
    id,
    model: "m",
    device: "cpu",
    phase: "loading",
    thinking: "",
    text: "",
    thinkingTokens: 0,
    answerTokens: 0,
    startedAt: 0,
    thinkingMillis: 0,
    gauge: [],
    notices: [],
    hasTrace: true,
  };
}
