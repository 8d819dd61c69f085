/** A conversation and a turn as they begin, and what they are called. */
import { randomUUID } from "node:crypto";
import type { Conversation, Question, Turn } from "../../shared/chat/chatState";

export function emptyConversation(): Conversation {
  const now = Date.now();
  return { id: randomUUID(), title: "", createdAt: now, updatedAt: now, draft: "", turns: [] };
}

export function newTurn(question: Question, model: string): Turn {
  return {
    id: randomUUID(),
    question,
    answer: {
      id: randomUUID(),
      model,
      device: "",
      phase: "loading",
      thinking: "",
      text: "",
      thinkingTokens: 0,
      answerTokens: 0,
      startedAt: Date.now(),
      thinkingMillis: 0,
      gauge: [],
      notices: [],
      hasTrace: true,
    },
  };
}

const longestTitle = 60;

/** The first line of the first question. */
export function titleOf(question: string): string {
  const line = question.trim().split("\n", 1)[0] ?? "";
  return shortened(line, longestTitle);
}

/** At most `longest` characters; what is cut off is marked. */
export function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).trimEnd()}…`;
}
