/** A conversation as a file for other people's eyes. */
import MarkdownIt, { type Token } from "markdown-it";
import { shownChain } from "../../shared/answers/vote";
import type { Answer, AnswerChain, Conversation, Turn } from "../../shared/chat/chatState";
import { forTerminal } from "../../shared/strangersText";

/** Finds blocks as every reader does to whom “<” opens no tag. */
const reader = new MarkdownIt("commonmark", { html: false });

export interface ExportedFile {
  name: string;
  text: string;
}

/** The Markdown shows what anybody wrote as text alone; the JSON is the conversation as it is stored. */
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
  return [`# ${inline(title)}`, ...turns.map(turnAsMarkdown)].join("\n\n") + "\n";
}

function turnAsMarkdown({ question, answer }: Turn): string {
  const parts = [
    "## Question",
    harmless(question.text),
    ...question.attachments.map(
      ({ label, language, text }) => `Attached: ${inline(label)}\n\n${fenced(text, language)}`,
    ),
    "## Answer",
    answer.thinking &&
      `<details><summary>Thinking (${answer.thinkingTokens} tokens)</summary>\n\n${fenced(answer.thinking, "text")}\n\n</details>`,
    harmless(answer.text),
    ...chainsAsMarkdown(answer),
    answer.error && `> ${inline(answer.error)}`,
    `*${inline([answer.model, answer.device].filter(Boolean).join(", "))}*`,
  ];
  return parts.filter(Boolean).join("\n\n");
}

/** How they voted, and what the chains say whose text is not the answer's. */
function chainsAsMarkdown({ chains = [], vote }: Answer): string[] {
  const others = chains.flatMap((chain, number) =>
    number === shownChain(vote) ? [] : [chainAsMarkdown(chain, number)],
  );
  return vote ? [`${vote.agree} of ${vote.of} chains agree.`, ...others] : others;
}

function chainAsMarkdown(chain: AnswerChain, number: number): string {
  const { thinking, text, thinkingTokens, answerTokens } = chain;
  const tokens = thinkingTokens + answerTokens;
  const said = [thinking && fenced(thinking, "text"), harmless(text)].filter(Boolean);
  return `<details><summary>Chain ${number + 1} (${tokens} tokens)</summary>\n\n${said.join("\n\n")}\n\n</details>`;
}

/** A name or a sentence within a line. */
function inline(text: string): string {
  return withoutTags(forTerminal(text));
}

/** A line of Markdown that opens no tag and fetches no picture, whatever shows it. */
function withoutTags(line: string): string {
  return line.replace(/<(?=[a-z/!?])/gi, "&lt;").replace(/!(?=\[)/g, "\\!");
}

/** Markdown without tags and pictures; code between fences stays as it is, and ends here. */
function harmless(markdown: string): string {
  const lines = markdown.trimEnd().split(/\r\n?|\n/);
  const fences = reader.parse(lines.join("\n"), {}).filter(({ type }) => type === "fence");
  const code = new Set<number>();
  for (const { map } of fences) for (let line = map![0] + 1; line < map![1]; line++) code.add(line);
  const shown = lines.map((line, i) => (code.has(i) ? line : withoutTags(line)));
  const last = fences.at(-1);
  return [...shown, ...(last && isOpen(last, lines) ? [last.markup] : [])].join("\n");
}

/** True where the fence has no end: in a list or a quotation it ends with that. */
function isOpen({ level, map, markup }: Token, lines: string[]): boolean {
  const [first, end] = map!;
  if (level > 0 || end < lines.length) return false;
  const closing = /^ {0,3}(`+|~+)\s*$/.exec(lines[end - 1])?.[1];
  return end - 1 === first || !closing?.startsWith(markup);
}

/** A fence longer than any in the text. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
