import { count } from "../../../src/shared/units";
import type { Candidate, Flips } from "./decision";
import { quoted } from "./numbers";

/** Tokens that are named; of the others there are only numbers. */
const mostNamed = 3;

/**
 * What would have been otherwise, in words.
 * @param changes “λ 0.5 instead of 0.1”
 * @param stayed how many candidates were retained
 */
export function flipWords(
  texts: readonly string[],
  changes: readonly string[],
  { savedInstead, evictedInstead }: Flips,
  stayed: number,
): string {
  const saved =
    savedInstead.length > 0 &&
    `${count(savedInstead.length)} that went would have stayed (${namesOf(texts, savedInstead)})`;
  const lost =
    evictedInstead.length > 0 &&
    `${count(evictedInstead.length)} of the ${count(stayed)} that stayed would have gone (${namesOf(texts, evictedInstead.toReversed())})`;
  const effects = [saved, lost].filter(Boolean).join(", and ");
  const cause = changes.length > 0 ? `With ${changes.join(" and ")}` : "As it was logged";
  return `${cause}, ${effects || "the same would have stayed"}.`;
}

function namesOf(texts: readonly string[], candidates: readonly Candidate[]): string {
  const named = candidates
    .slice(0, mostNamed)
    .map(({ position }) => `${quoted(texts[position] ?? "")} at ${position}`);
  return [...named, ...(candidates.length > mostNamed ? ["…"] : [])].join(", ");
}
