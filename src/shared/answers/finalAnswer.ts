/** What a reply answers in the end, short enough to be counted beside others: “44”, “B”, “yes”. */
import { markedAnswer, number } from "./answers";

/** In characters. Longer ones are compared, and shown, by their beginning. */
const longestAnswer = 200;

/**
 * What is boxed or follows “####”; else what stands after “the answer is”; else the word or letter
 * that the reply is or begins with, its last number, or its last line. Undefined where it is empty.
 */
export function finalAnswer(reply: string): string | undefined {
  const text = reply.replace(/\*\*|__|`/g, "").trim();
  const found = boxed(text) ?? said(text) ?? concluded(text);
  return found?.slice(0, longestAnswer);
}

function boxed(text: string): string | undefined {
  const marked = markedAnswer(text) || undefined;
  return marked && (wordOf(marked) ?? marked);
}

/** The clause after the last “answer is” or “answer:”. */
function said(text: string): string | undefined {
  const [, rest] = [...text.matchAll(/\banswer(?:\s+is\s*:?|\s*[:=])\s*([^\n]+)/gi)].at(-1) ?? [];
  const clause = rest?.split(/[,;.!]\s|\.$|\s(?:because|since|as)\s/)[0].trim() || undefined;
  return clause && (wordOf(clause) ?? lastNumber(clause) ?? clause);
}

function concluded(text: string): string | undefined {
  const line = text.split("\n").at(-1)?.trim() || undefined;
  return line && (wordOf(text) ?? wordOf(line) ?? lastNumber(line) ?? lastNumber(text) ?? line);
}

/** Yes or no, true or false, or the letter of a choice, where the text is or begins with one. */
function wordOf(text: string): string | undefined {
  const word = /^(yes|no|true|false)(?:[\s.!]*$|[,.;:!—–]\s)/i.exec(text)?.[1];
  if (word !== undefined) return word.toLowerCase();
  const plain = text
    .replace(/^\\text(?:bf)?\{([^{}]*)\}$/, "$1")
    .replace(/^(?:option|choice)\s+/i, "");
  return /^(?:\(([A-Z])\)|([A-Z])[).:]|([A-Z])$)/.exec(plain)?.slice(1).find(Boolean);
}

function lastNumber(text: string): string | undefined {
  return text.match(number)?.at(-1);
}
