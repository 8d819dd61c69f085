/** What kind of word a token is, by its text alone: for counting what went, not for grammar. */
import type { Work } from "./pieces";
import type { Run } from "./run";
import { groupSurvivals, type Rows, type Survival } from "./survival";

export const tokenKinds = ["numbers", "names", "connectives", "words", "signs"] as const;
export type TokenKind = (typeof tokenKinds)[number];

/** English words by which a thought goes on. */
const connectives = new Set(
  `also and as because before but either finally first for from hence however if let like maybe
  next nor now once or second since so still than that then there therefore though thus to unless
  until wait when where whereas which while yet`.split(/\s+/),
);

/** Characters of a token that are looked at. */
const longest = 64;

const shown = (text: string): string => text.slice(0, longest).trim();

/**
 * A number has a digit; a name is capitalised and is so somewhere within a sentence; signs have no
 * letter, or are the chat's own marks.
 * @returns [positions] index among `tokenKinds`
 */
export function* kindsOf({ texts }: Run): Work<Uint8Array> {
  const names = new Set<string>();
  for (let position = 1; position < texts.length; position++, yield) {
    const word = shown(texts[position]);
    if (/^\p{Lu}\p{Ll}+$/u.test(word) && isWithin(texts[position - 1])) names.add(word);
  }
  const kinds = new Uint8Array(texts.length);
  for (let position = 0; position < texts.length; position++, yield)
    kinds[position] = tokenKinds.indexOf(kindOf(shown(texts[position]), names));
  return kinds;
}

/** Whether a sentence goes on behind this token. */
const isWithin = (before: string): boolean =>
  /[\p{L}\p{N},]$/u.test(before.slice(-longest).trimEnd()) && !before.includes("\n");

function kindOf(word: string, names: ReadonlySet<string>): TokenKind {
  if (/^<.*>$/.test(word)) return "signs";
  if (/\p{N}/u.test(word)) return "numbers";
  if (connectives.has(word.toLowerCase())) return "connectives";
  if (names.has(word)) return "names";
  return /\p{L}/u.test(word) ? "words" : "signs";
}

/**
 * What survives of each kind in each of these stretches [from, to), which ascend and do not overlap.
 * @returns [stretches, kinds]
 */
export function* kindSurvivals(
  run: Run,
  stretches: readonly { from: number; to: number }[],
  rows: Rows,
): Work<Survival[]> {
  const kinds = yield* kindsOf(run);
  const groupOf = new Int32Array(run.tokens).fill(-1);
  for (const [index, { from, to }] of stretches.entries())
    for (let position = from; position < to; position++, yield)
      groupOf[position] = index * tokenKinds.length + kinds[position];
  return yield* groupSurvivals(run, groupOf, stretches.length * tokenKinds.length, rows);
}
