/** What the model gets to read of a conversation. */
import type { ChatMessage } from "../wire/engineApi";
import type { Question, Turn } from "./chatState";

/**
 * What the model reads before it answers the last of these turns: questions with their attachments,
 * earlier answers without thinking. An answer that the last turn has already is not part of it, so
 * that a question run again reads what it read at first. An earlier question that got no answer is
 * left out: it would be taken for a part of the new one, and many templates refuse two questions in
 * a row.
 */
export function messagesOf(turns: Turn[]): ChatMessage[] {
  const earlier = turns.slice(0, -1).filter(({ answer }) => answer.text !== "");
  return [
    ...earlier.flatMap(({ question, answer }): ChatMessage[] => [
      { role: "user", content: questionText(question) },
      { role: "assistant", content: answer.text },
    ]),
    ...turns
      .slice(-1)
      .map(({ question }) => ({ role: "user" as const, content: questionText(question) })),
  ];
}

function questionText({ text, attachments }: Question): string {
  const quoted = attachments.map(
    ({ label, language, text: code }) => `${label}:\n\`\`\`${language}\n${code}\n\`\`\`\n\n`,
  );
  return quoted.join("") + text;
}
