/** How sentences open that begin a new thought. A new opener is a new row. */

/** Lower case; # stands for a number. */
const openers = [
  "actually",
  "alternatively",
  "another approach",
  "another way",
  "but wait",
  "check #",
  "double-check",
  "finally",
  "first",
  "hmm",
  "hold on",
  "in conclusion",
  "let me",
  "let's",
  "next",
  "now",
  "okay",
  "on second thought",
  "plan:",
  "second,",
  "so ",
  "so,",
  "step #",
  "sum up",
  "then",
  "therefore",
  "third,",
  "to verify",
  "wait",
];
const letter = /^\p{L}/u;

/**
 * Whether a sentence that begins with `text` opens a new thought; undefined while more of it must
 * be seen. Headings (**Step 3**, ## Step 3) count like the words in them.
 */
export function opensThought(text: string): boolean | undefined {
  const words = text
    .replace(/^[\s*_#>-]+/, "")
    .toLowerCase()
    .replace(/\d+/g, "#");
  for (const opener of openers) {
    if (opener.startsWith(words)) return undefined;
    if (!words.startsWith(opener)) continue;
    const endsInWord = letter.test(opener.slice(-1));
    if (!endsInWord || !letter.test(words.slice(opener.length))) return true;
  }
  return false;
}
