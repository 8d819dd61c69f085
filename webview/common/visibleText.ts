/**
 * Characters that change how other text looks, or hide text, shown by their code point instead:
 * controls of terminals and of the writing's direction, and those without width, among them the
 * tags and variation selectors that can carry whole messages. The joiners stay where a script or
 * an emoji needs them, which ASCII does not.
 */
const hidden = new RegExp(
  [
    String.raw`(?![\t\n\r])\p{Cc}`,
    String.raw`[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]`,
    String.raw`[\u00ad\u180e\u200b\u2060-\u2064\ufeff\u{e0000}-\u{e01ef}]`,
    String.raw`(?<![^\0-\x7f])[\u200c\u200d]`,
  ].join("|"),
  "gu",
);

/** The text with each such character as “⟨U+202E⟩”. */
export function visibleText(text: string): string {
  return text.replace(hidden, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}
