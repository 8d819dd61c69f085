/** What a figure is of, so that another can make it again: the words below it. */
import { formatBudget } from "../../../src/shared/settings/budget";
import { policyLabel } from "../../../src/shared/settings/policies";
import type { SamplingSettings } from "../../../src/shared/settings/settings";
import type { TraceCacheSettings } from "../../../src/shared/trace/records";
import { count } from "../../../src/shared/units";
import type { Run } from "../model/run";
import type { State } from "../state/state";

/** @param trace its name */
export function caption(state: Readonly<State>, trace: string): string {
  const { run, other } = state;
  const { header, chain } = run;
  return [
    `${header.model} on ${header.device}`,
    policyWords(run, state.tokens),
    ...(other ? [`Beside it: ${policyWords(other, other.tokens)}`] : []),
    samplingWords(header.sampling),
    ...(header.chains > 1 ? [`Chain ${chain + 1} of ${header.chains}`] : []),
    momentWords(state),
    `Trace ${trace}, written by ${header.writer}`,
  ]
    .map((part) => `${part}.`)
    .join(" ");
}

/** As in force when the text was so long. */
function policyWords({ settings }: Run, tokens: number): string {
  const then = settings.findLast(({ position }) => position <= tokens) ?? settings[0];
  return then ? cacheWords(then.cache) : "Policy not in the trace";
}

function cacheWords(cache: TraceCacheSettings): string {
  const { policy, budget, buffer, lambda, observationWindow, pinPrompt } = cache;
  if (policy === "full") return policyLabel(policy);
  return [
    `${policyLabel(policy)}: budget ${formatBudget(budget)}`,
    `buffer ${buffer}`,
    ...(policy === "rkv" ? [`λ ${lambda}`] : []),
    `window ${observationWindow}`,
    ...(pinPrompt ? ["prompt pinned"] : []),
  ].join(", ");
}

function samplingWords({ temperature, seed }: SamplingSettings): string {
  return temperature === 0 ? "Greedy" : `Temperature ${temperature}, seed ${seed}`;
}

function momentWords({ run, tokens, compactions }: Readonly<State>): string {
  const when = compactions === 0 ? "Before any compaction" : `After compaction ${compactions}`;
  return `${when}, ${count(tokens)} of ${count(run.tokens)} tokens`;
}
