/**
 * Characters that change how other text looks, or hide text, shown by their code point instead:
 * bidirectional overrides and isolates, terminal controls, and the tag characters.
 */
const hidden = /(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/gu;

/** The text with each such character as “⟨U+202E⟩”. */
export function visibleText(text: string): string {
  return text.replace(hidden, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}
