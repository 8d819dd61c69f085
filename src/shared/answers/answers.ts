/**
 * Finding the answer in what a model or a data set says, and comparing two of them by value. Knows
 * the forms of GSM8K (“#### 42”) and MATH (\boxed{…}, LaTeX fractions, tuples, intervals).
 */

/** A number as it stands in a text, perhaps a fraction or a percentage. */
export const number =
  /(?:(?<!\w)[-−])?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?:\s*\/\s*\d+(?:\.\d+)?)?%?/g;

/** What the text answers in the end: its last box, its #### line, or else its last number. */
export function extractAnswer(text: string): string | undefined {
  return markedAnswer(text) ?? text.match(number)?.at(-1);
}

/** What the text marks as its answer: its last box, or its #### line. */
export function markedAnswer(text: string): string | undefined {
  return lastBoxed(text) ?? /####[ \t]*(\S.*)/.exec(text)?.[1].trim();
}

/** True where both say the same: as numbers if they are numbers, part by part, or letter by letter. */
export function sameAnswer(a: string, b: string): boolean {
  const [first, second] = [plain(a), plain(b)];
  if (first === second) return true;
  const [x, y] = [valuesOf(first), valuesOf(second)];
  if (x.length > 0 && y.length > 0) return x.some((value) => y.some((other) => near(value, other)));
  const [left, right] = [partsOf(first), partsOf(second)];
  if (left.length !== right.length || left.length < 2) return false;
  return (
    brackets(first) === brackets(second) && left.every((part, i) => sameAnswer(part, right[i]))
  );
}

/**
 * Equal for answers that say the same. A percentage has one value here, 50% that of 0.5, and not
 * that of 50 too: what is equal to a third must be equal to each other where answers are counted.
 */
export function valueKey(answer: string): string {
  const text = plain(answer);
  const [value] = valuesOf(text);
  if (value !== undefined) return Number(value.toPrecision(12)).toString();
  const parts = partsOf(text);
  if (parts.length > 1) return brackets(text) + parts.map(valueKey).join(",");
  return /^[\p{L}\s'’"“”.!?-]+$/u.test(answer) ? wordKey(answer) : text.replace(/^\((.)\)$/, "$1");
}

/** A short text without case, marks and articles, unless it is nothing else. */
function wordKey(text: string): string {
  const letters = text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\s]/gu, " ");
  const words = letters.split(/\s+/).filter((word) => word !== "");
  const told = words.filter((word) => !articles.has(word));
  return (told.length > 0 ? told : words).join(" ");
}

const articles = new Set(["a", "an", "the"]);

/** The content of the last \boxed{…} or \fbox{…}, braces balanced. */
function lastBoxed(text: string): string | undefined {
  const start = [...text.matchAll(/\\(?:boxed|fbox)\s*\{/g)].at(-1);
  if (!start) return undefined;
  const from = start.index + start[0].length;
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === "{") depth++;
    if (text[i] === "}" && --depth === 0) return text.slice(from, i).trim();
  }
  return undefined;
}

/** The answer without what only dresses it: spaces, dollars, units in \text, LaTeX's variants. */
function plain(answer: string): string {
  return answer
    .replace(/\\[dtc]frac/g, "\\frac")
    .replace(/\\left|\\right|\\displaystyle|\\[!,;: ]|\\?\$/g, "")
    .replace(/\^\s*(?:\{\s*\\circ\s*\}|\\circ)|°/g, "")
    .replace(/\\?%/g, "%")
    .replace(/−/g, "-")
    .replace(/(\d)\s*\\(?:text|mathrm|mbox)\{[^{}]*\}/g, "$1")
    .replace(/\\(?:text|mathrm|mbox|textbf)\{([^{}]*)\}/g, "$1")
    .replace(/\\frac\s*(\d)\s*(\d)/g, "\\frac{$1}{$2}")
    .replace(/\{,\}/g, ",")
    .replace(/\s+/g, "")
    .replace(/[.,]+$/, "")
    .replace(/^[a-zA-Z]=/, "")
    .toLowerCase();
}

/**
 * What the text is worth, if it is a number, perhaps with a unit: one value, or for a percentage
 * two, because data sets write 50% as 0.5 and as 50.
 */
function valuesOf(text: string): number[] {
  const percent = text.endsWith("%");
  const value = plainValue(percent ? text.slice(0, -1) : text);
  if (value === undefined) return [];
  return percent ? [value / 100, value] : [value];
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
}

function plainValue(text: string): number | undefined {
  const fraction = /^(-?)(\d*)\\frac\{(-?[\d.]+)\}\{(-?[\d.]+)\}$/.exec(text);
  if (fraction) {
    const [, sign, whole, over, under] = fraction;
    const value = Number(whole || 0) + Number(over) / Number(under);
    return finite(sign ? -value : value);
  }
  const ratio = /^(-?[\d.]+)\/([\d.]+)$/.exec(text);
  if (ratio) return finite(Number(ratio[1]) / Number(ratio[2]));
  const amount = /^(-?)(\d{1,3}(?:,\d{3})+|\d*)(\.\d+)?(?:[a-z]{2,}\d?)?$/.exec(text);
  if (!amount || (amount[2] === "" && amount[3] === undefined)) return undefined;
  return finite(Number(`${amount[1]}${amount[2].replaceAll(",", "")}${amount[3] ?? ""}`));
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** The parts of a tuple, an interval, a set or a list: commas outside of brackets part them. */
function partsOf(text: string): string[] {
  const inner = brackets(text) === "" ? text : text.replace(/^\\?.|\\?.$/g, "");
  const parts = [""];
  let depth = 0;
  for (const letter of inner) {
    if ("([{".includes(letter)) depth++;
    if (")]}".includes(letter)) depth--;
    if (letter === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += letter;
  }
  return parts;
}

function brackets(text: string): string {
  const match = /^(\\?[([{]).*?(\\?[)\]}])$/.exec(text);
  return match ? match[1] + match[2] : "";
}
