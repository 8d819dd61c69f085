/**
 * Text that somebody else wrote (a model, a file, a server) on its way to a person: no character of
 * it may steer a terminal, hide, turn the writing round, begin a formula or open a tag.
 */

/**
 * Characters that change how other text looks, or hide text: controls of terminals, line ends
 * other than newlines, and all that Unicode lets a font leave out, among them the marks of
 * direction, tags and variation selectors, which can carry whole messages. Joiners and the emoji
 * selector stay behind a character that may need them, which ASCII (but for key caps) does not.
 */
const hidden = new RegExp(
  [
    String.raw`(?![\t\n\r])\p{Cc}`,
    String.raw`[\u2028\u2029\ufff9-\ufffb]`,
    String.raw`(?!\u200c|\u200d|\ufe0e|\ufe0f)\p{Default_Ignorable_Code_Point}`,
    String.raw`(?<![^\0-\x7f\p{Default_Ignorable_Code_Point}]\ufe0f?)(?:\u200c|\u200d)`,
    String.raw`(?<![^\0-\x7f\p{Default_Ignorable_Code_Point}])(?:\ufe0e|\ufe0f)(?!\u20e3)`,
  ].join("|"),
  "gu",
);

/** As far as the pattern looks back, in UTF-16 units. */
const lookBehind = 3;

/** The text with each such character as “⟨U+202E⟩”. `before`: what it goes on from, shown already. */
export function visibleText(text: string, before = ""): string {
  return marked(text, before, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}

/** As `visibleText`, also without carriage returns; one line, with “⏎” for newlines, if not `many`. */
export function forTerminal(text: string, lines: "one" | "many" = "one", before = ""): string {
  const shown = visibleText(text, before).replace(/\r\n/g, "\n").replace(/\r/g, "⟨U+000D⟩");
  return lines === "one" ? shown.replace(/\n/g, "⏎") : shown;
}

/** A value as JSON that holds no such character: within its strings each is an escape. */
export function jsonForTerminal(value: unknown): string {
  return marked(JSON.stringify(value), "", (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

/**
 * A cell of a CSV file; nothing for NaN. Spreadsheets run what begins like a formula, also behind
 * another separator or a line end, so that an apostrophe comes before it.
 */
export function csvCell(value: string | number): string {
  if (typeof value === "number") return Number.isNaN(value) ? "" : String(value);
  const harmless = visibleText(value)
    .replace(/^(?=[\t\r\n])/, "'")
    .replace(/(?<=^|[;\t\r\n])(?=[=+\-@＝＋－＠])/g, "'");
  return /[",;\t\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Text as the content of an element or of an attribute in quotes. */
export function forHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function marked(text: string, before: string, mark: (character: string) => string): string {
  const context = before.slice(-lookBehind);
  return (context + text)
    .replace(hidden, (character, offset: number) =>
      offset < context.length ? character : mark(character),
    )
    .slice(context.length);
}
