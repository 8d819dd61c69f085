/** What the cost's sentence says. */
import { mean, sum } from "d3";
import { count, counted, duration, percent, rate } from "../../../../src/shared/units";
import { millis, score, share } from "../../model/numbers";
import type { Run } from "../../model/run";
import { neverFired } from "../../model/runWords";
import type { State } from "../../state/state";
import { named } from "./positions";

export function costSentence(state: Readonly<State>): string {
  const { run, selected } = state;
  if (run.divergences.exist && selected !== undefined) return tokenWords(run, selected);
  return [timeWords(run), againstFull(state), divergenceWords(run)].filter(Boolean).join(" ");
}

/** “28 compactions took 120 ms of 2.5 s; at the end the run wrote 660 tokens a second.” */
function timeWords(run: Run): string {
  const last = run.figures.at(-1);
  const speed = last ? `; last it wrote ${rate(last.tokensPerSecond)} tokens a second` : "";
  if (neverFired(run)) return `Compression never fired${speed}.`;
  const spent = millis(sum(run.compactions, (compaction) => compaction.millis));
  const whole = run.end?.millis ?? last?.millis;
  const of = whole === undefined ? "" : ` of ${duration(whole)}`;
  return `${counted(run.compactions.length, "compaction")} took ${spent}${of}${speed}.`;
}

/** How much longer or shorter the run became than the full-cache run that is laid beside it. */
function againstFull({ run, other }: Readonly<State>): string {
  if (!other || other.compactions.length > 0) return "";
  const by = percent(Math.abs(run.tokens / Math.max(1, other.tokens) - 1));
  const than = run.tokens < other.tokens ? "shorter" : "longer";
  return `The text is ${by} ${than} than the full cache's ${count(other.tokens)} tokens.`;
}

function divergenceWords(run: Run): string {
  const { kl, exist, firstOtherToken: first } = run.divergences;
  if (!exist) return "";
  const far = `In the mean the next token's probabilities are ${score(mean(kl.values) ?? NaN)} nats from the full cache's`;
  if (first === undefined) return `${far}, and it would have chosen the same tokens throughout.`;
  return `${far}; it would first have said something else instead of ${named(run, first)}.`;
}

function tokenWords(run: Run, position: number): string {
  const { divergences } = run;
  const name = named(run, position);
  const kl = divergences.kl.at(position);
  if (Number.isNaN(kl)) return `${name} was not predicted: a replay has nothing to say of it.`;
  const same = divergences.sameToken.at(position) === 1;
  const lost = share(divergences.meanLostAttention(position));
  const would = same ? "would have chosen it too" : "would have chosen another token";
  return `Where ${name} was written, the divergence from the full cache was ${score(kl)} nats, and ${lost} of the attention would have fallen on evicted tokens; the full cache ${would}.`;
}
