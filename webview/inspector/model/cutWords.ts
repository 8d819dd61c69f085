import { count } from "../../../src/shared/units";
import { flips, type Decision } from "./decision";
import { headName } from "./explanation";
import { score } from "./numbers";
import type { Explained } from "./reasons";

/** What one head decided in one compaction, in words: how many stayed, where the cut lies, and what drew it. */
export function cutWords(asked: Explained, decision: Decision): string {
  const { candidates, cut, exempt, cutScore } = decision;
  const all = candidates.length;
  const kept = cut === all ? `all ${count(all)}` : `${count(cut)} of ${count(all)}`;
  const others = exempt.length > 0 ? `, and ${count(exempt.length)} that did not compete` : "";
  const verdict = `At compaction ${asked.compaction + 1}, ${headName(asked)} kept ${kept} candidates${others}.`;
  if (Number.isNaN(cutScore)) return verdict;
  return `${verdict} The cut lies at a score of ${score(cutScore)}.${aloneWords(decision)}`;
}

/** How many either part of the score would have kept alone, where it has both. */
function aloneWords(decision: Decision): string {
  const { candidates, cut } = decision;
  const hasBoth = candidates.every(
    ({ importance, redundancy }) => !Number.isNaN(importance) && !Number.isNaN(redundancy),
  );
  if (!hasBoth || cut === 0) return "";
  const same = (lambda: number) =>
    count(cut - flips(decision, { lambda, retain: cut }).savedInstead.length);
  return ` Importance alone would have kept ${same(1)} of these ${count(cut)}, redundancy alone ${same(0)}.`;
}
