/** Why a candidate was retained or evicted, in words that its numbers bear out. */
import { isPolicy, policyLabel } from "../../../src/shared/settings/policies";
import type { Candidate, Decision } from "./decision";
import { brief, quoted } from "./numbers";
import { isSameWord, reasonsOf, type About, type Twin } from "./reasons";
import type { Run } from "./run";

/** Of what is typical, so little is hardly anything. */
const hardly = 0.1;

/** What decides where a score has no parts. */
const bare: Partial<Record<string, string>> = {
  "streaming-llm": "StreamingLLM keeps the first four tokens and the newest",
  random: "Random draws lots",
  keydiff: "KeyDiff keeps the keys that are least like the mean key",
};

export function reasonWords(about: About, decision: Decision, candidate: Candidate): string {
  const { policy } = about.run.compactions[about.asked.compaction];
  const { importance, redundancy, retained } = candidate;
  if (Number.isNaN(importance) && Number.isNaN(redundancy))
    return bare[policy] ?? `${policyName(policy)} went by a score of ${brief(candidate.score)}`;
  const reasons = reasonsOf(candidate, decision);
  const said = [
    ...(reasons.byImportance ? [importanceWords(candidate, decision)] : []),
    ...(reasons.byRedundancy ? [redundancyWords(about, candidate)] : []),
  ];
  if (said.length === 0) said.push(neither(candidate, retained));
  const isTwinSaid = reasons.byRedundancy && !retained;
  return said.join(", and ") + (isTwinSaid ? "" : twinWords(about, candidate));
}

const policyName = (policy: string): string =>
  isPolicy(policy) ? policyLabel(policy) : quoted(policy);

function importanceWords({ importance, retained }: Candidate, { typical }: Decision): string {
  const value = `(importance ${brief(importance)})`;
  if (retained) return `the window looks at it more than at most of what went ${value}`;
  if (importance === 0) return `nothing in the window looks at it ${value}`;
  return importance < hardly * typical.retained.importance
    ? `hardly anything in the window looks at it ${value}`
    : `the window looks at it less than at most of what stayed ${value}`;
}

function redundancyWords(about: About, { redundancy, retained }: Candidate): string {
  const { run, position, twin } = about;
  const value = `(redundancy ${brief(redundancy)})`;
  if (retained) return `it repeats others less than most of what went ${value}`;
  if (!twin) return `it repeats others more than most of what stayed ${value}`;
  const fate = twin.retained ? "stayed" : "went too";
  const repeats = isSameWord(run.texts, position, twin.position)
    ? "it repeats"
    : "its key is much like that of";
  return `${repeats} ${twinName(run, twin)}, which ${fate}`;
}

function neither({ importance, redundancy }: Candidate, retained: boolean): string {
  const values = [
    ...(Number.isNaN(importance) ? [] : [`importance ${brief(importance)}`]),
    ...(Number.isNaN(redundancy) ? [] : [`redundancy ${brief(redundancy)}`]),
  ];
  return `others simply scored ${retained ? "less" : "more"} (${values.join(", ")})`;
}

/** What became of the near-duplicate, where the policy minds such. */
function twinWords({ run, twin }: About, { retained, redundancy }: Candidate): string {
  if (!twin || Number.isNaN(redundancy)) return "";
  const fate = (twin.retained ? "stayed" : "went") + (twin.retained === retained ? " too" : "");
  return `; its near-duplicate ${twinName(run, twin)} ${fate}`;
}

/** “has” at 340 (cosine 0.93) */
export function twinName({ texts }: Run, { position, cosine }: Twin): string {
  return `${quoted(texts[position] ?? "")} at ${position} (cosine ${cosine.toFixed(2)})`;
}

/** Why a candidate was evicted, in few words. */
export function briefReason(
  run: Run,
  candidate: Candidate,
  decision: Decision,
  twin: Twin | undefined,
): string {
  const { byImportance, byRedundancy } = reasonsOf(candidate, decision);
  const repeats = twin
    ? `${isSameWord(run.texts, candidate.position, twin.position) ? "repeats" : "much like"} ${twinName(run, twin)}`
    : "repeats others";
  const said = [...(byImportance ? ["low importance"] : []), ...(byRedundancy ? [repeats] : [])];
  return said.length > 0 ? said.join(", ") : "outranked";
}
