/** A conversation as a file for other people's eyes. */
import type { Conversation, Turn } from "../../shared/chatState";

export interface ExportedFile {
  name: string;
  text: string;
}

export function exportConversation(
  conversation: Conversation,
  format: "markdown" | "json",
): ExportedFile {
  const stem = conversation.title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "chat";
  switch (format) {
    case "json":
      return { name: `${stem}.json`, text: `${JSON.stringify(conversation, null, 2)}\n` };
    case "markdown":
      return { name: `${stem}.md`, text: asMarkdown(conversation) };
    default:
      return format satisfies never;
  }
}

function asMarkdown({ title, turns }: Conversation): string {
  return [`# ${title}`, ...turns.map(turnAsMarkdown)].join("\n\n") + "\n";
}

function turnAsMarkdown({ question, answer }: Turn): string {
  const parts = [
    "## Question",
    question.text,
    ...question.attachments.map(
      ({ label, language, text }) => `${label}\n\n${fenced(text, language)}`,
    ),
    "## Answer",
    answer.thinking &&
      `<details><summary>Thinking (${answer.thinkingTokens} tokens)</summary>\n\n${fenced(answer.thinking, "text")}\n\n</details>`,
    answer.text,
    answer.error && `> ${answer.error}`,
    `*${[answer.model, answer.device].filter(Boolean).join(", ")}*`,
  ];
  return parts.filter(Boolean).join("\n\n");
}

/** A fence longer than any in the text. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
