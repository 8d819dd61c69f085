/**
 * TeX between `$…$`, `\(…\)`, `$$…$$` and `\[…\]` as markdown-it rules. A display stands on lines of
 * its own and ends at a blank line at the latest, so that a forgotten end cannot swallow the answer.
 */
import type { MarkdownIt } from "markdown-it";

type BlockRule = Parameters<MarkdownIt["block"]["ruler"]["before"]>[2];
type InlineRule = Parameters<MarkdownIt["inline"]["ruler"]["before"]>[2];

const displays = [
  { open: "$$", close: "$$" },
  { open: "\\[", close: "\\]" },
];

export function addMath(markdown: MarkdownIt): void {
  markdown.block.ruler.before("fence", "math", display, {
    alt: ["paragraph", "blockquote", "list"],
  });
  markdown.inline.ruler.before("escape", "math", inline);
  markdown.renderer.rules.math = (tokens, index) => {
    const token = tokens[index];
    const tex = markdown.utils.escapeHtml(token?.content ?? "");
    return token?.block
      ? `<div class="math" data-display="true">${tex}</div>`
      : `<span class="math">${tex}</span>`;
  };
  markdown.renderer.rules.plainDisplay = (tokens, index) =>
    `<p>${markdown.utils.escapeHtml(tokens[index]?.content ?? "")}</p>`;
}

const display: BlockRule = (state, startLine, endLine, silent) => {
  const lineAt = (line: number) =>
    state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]);
  const first = lineAt(startLine);
  const marks = displays.find(({ open }) => first.startsWith(open));
  if (!marks || (state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false;
  if (silent) return true;
  const lines: string[] = [];
  let isClosed = false;
  for (let line = startLine; line < endLine && !isClosed; line++) {
    const text = line === startLine ? first.slice(marks.open.length) : lineAt(line);
    if (state.isEmpty(line) || (state.sCount[line] ?? 0) < state.blkIndent) break;
    isClosed = text.trimEnd().endsWith(marks.close);
    lines.push(isClosed ? text.trimEnd().slice(0, -marks.close.length) : text);
  }
  const source = lines.join("\n");
  const token = state.push(isClosed ? "math" : "plainDisplay", "", 0);
  token.block = true;
  token.content = isClosed ? source.trim() : marks.open + source;
  token.map = [startLine, startLine + lines.length];
  state.line = startLine + lines.length;
  return true;
};

/** Of at most 1,000 characters, so that marks without an end are not searched for it again and again. */
const inlineForms = [
  /\$\$(?<tex>[^$\n]{1,1000})\$\$/y,
  /\$(?<tex>[^\s$](?:[^$\n]{0,1000}[^\s$\\])?)\$(?!\d)/y,
  /\\\((?<tex>.{1,1000}?)\\\)/y,
  /\\\[(?<tex>.{1,1000}?)\\\]/y,
];

const inline: InlineRule = (state, silent) => {
  for (const form of inlineForms) {
    form.lastIndex = state.pos;
    const match = form.exec(state.src);
    if (!match) continue;
    if (!silent) state.push("math", "", 0).content = (match.groups?.tex ?? "").trim();
    state.pos = form.lastIndex;
    return true;
  }
  return false;
};
