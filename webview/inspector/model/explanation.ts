/** What became of one token, and why, in words with numbers. */
import { count } from "../../../src/shared/units";
import type { Candidate, Decision } from "./decision";
import { stepAt } from "./moment";
import { brief, quoted } from "./numbers";
import { reasonWords } from "./reasonWords";
import type { About, Explained } from "./reasons";
import type { Run } from "./run";
import { stepName } from "./stepHistory";

/** Who holds the token or let it go; then what the asked head decided, where its scores are there. */
export function explanation(about: About): string {
  const { run, position, moment } = about;
  const name = nameOf(run, position);
  if (position >= moment.tokens) return `${name} is not written yet at this moment.`;
  return [`${name} ${ofAllHeads(about)}.`, ...ofThisHead(about)].join(" ");
}

/** “has” (position 23, step 1) */
export function nameOf(run: Run, position: number): string {
  const step = stepAt(run.steps, position);
  const chain = run.header.chains > 1 ? [`chain ${run.chain + 1}`] : [];
  const within = step < 0 ? [] : [stepName(run.steps[step], step).toLowerCase()];
  const where = [...chain, `position ${position}`, ...within].join(", ");
  return `${quoted(run.texts[position] ?? "")} (${where})`;
}

export const headName = ({ layer, head }: Pick<Explained, "layer" | "head">): string =>
  `layer ${layer}, head ${head}`;

/** Whether the asked head still held a token after the compaction. */
export function stayed({ run, asked }: Pick<About, "run" | "asked">, position: number): boolean {
  const row = asked.layer * run.header.kvHeads + asked.head;
  return run.evictions.evictedAt(row, position) > asked.compaction;
}

function ofAllHeads(about: About): string {
  const { run, position, asked, moment } = about;
  const { evictions } = run;
  const { rowCount } = evictions;
  const held = evictions.heldBy(position, moment.compactions);
  if (stayed(about, position)) return `is held by ${headsOf(held, rowCount)}`;
  const { compaction } = asked;
  const before = evictions.heldBy(position, compaction);
  const went = before - evictions.heldBy(position, compaction + 1);
  const verdict = `was evicted at compaction ${compaction + 1} from ${headsOf(went, rowCount)}`;
  if (held > 0) return `${verdict}; ${count(held)} still ${held === 1 ? "holds" : "hold"} it`;
  if (went === rowCount) return verdict;
  if (went === before) return `${verdict}, the last that held it`;
  return `${verdict}; since compaction ${evictions.forgottenAt(position) + 1} none holds it`;
}

function headsOf(some: number, all: number): string {
  if (all === 1) return "its only head";
  if (some < all) return `${count(some)} of ${count(all)} heads`;
  return all === 2 ? "both heads" : `all ${count(all)} heads`;
}

function ofThisHead(about: About): string[] {
  const { run, position, asked, decision } = about;
  const { compaction } = asked;
  if (position >= run.compactions[compaction].position)
    return [`It came after compaction ${compaction + 1} and has not competed yet.`];
  if (!decision) return [];
  const rank = decision.candidates.findIndex((candidate) => candidate.position === position);
  if (rank >= 0) return [ranked(about, decision, rank)];
  if (decision.exempt.includes(position)) return [unranked(about)];
  return [
    `In ${headName(asked)} it was no candidate at compaction ${compaction + 1}: that head had lost it before, to a local window for instance.`,
  ];
}

function ranked(about: About, decision: Decision, rank: number): string {
  const { candidates, cut } = decision;
  const { asked } = about;
  const when = candidates[rank].retained ? ` at compaction ${asked.compaction + 1}` : "";
  const place = `${ordinal(rank + 1)} of ${count(candidates.length)}`;
  const why = reasonWords(about, decision, candidates[rank]);
  const by = margin(candidates, candidates[rank]);
  return `In ${headName(asked)} it came ${place}${when}, of which ${count(cut)} stayed: ${why}${by}.`;
}

/** By how much it won or lost; nothing where there was nobody to lose against. */
function margin(candidates: readonly Candidate[], { score, retained }: Candidate): string {
  const rival = retained
    ? candidates.find((other) => !other.retained)
    : candidates.findLast((other) => other.retained);
  const difference = rival ? rival.score - score : NaN;
  if (!Number.isFinite(difference)) return "";
  const who = retained ? "the best one evicted" : "the last one kept";
  if (difference === 0) return `; ${who} scored the same`;
  return `; ${who} scored ${brief(Math.abs(difference))} ${difference > 0 ? "more" : "less"}`;
}

/** A slot without a score is one that did not compete. */
function unranked(about: About): string {
  const { run, position, asked } = about;
  const { observationWindow, position: length } = run.compactions[asked.compaction];
  const when = `at compaction ${asked.compaction + 1}`;
  if (!stayed(about, position)) return `In ${headName(asked)} it went ${when} without a score.`;
  if (position >= length - observationWindow)
    return `In ${headName(asked)} it did not compete ${when}: it lay in the observation window, the newest ${observationWindow}, which stays whatever it scores.`;
  const settings = run.settings.findLast((one) => one.position <= length);
  const isPinned = settings?.cache.pinPrompt === true && position < run.promptTokens;
  return isPinned
    ? `In ${headName(asked)} it did not compete ${when}: the prompt is pinned, and stays whatever it scores.`
    : `In ${headName(asked)} it stayed ${when} without a score.`;
}

/** “301st” */
export function ordinal(place: number): string {
  const [tens, ones] = [place % 100, place % 10];
  const isTeen = tens >= 11 && tens <= 13;
  const ending = isTeen ? "th" : (["th", "st", "nd", "rd"][ones] ?? "th");
  return `${count(place)}${ending}`;
}
