/** What can be chosen about the cache, with what it costs: the same list in every host. */
import type { Choice } from "../shared/chat/chatApi";
import type { ModelInfo } from "../shared/wire/engineApi";
import { bytes, counted } from "../shared/units";
import { budgetLabel, budgetPresets, formatBudget, parseBudget } from "../shared/settings/budget";
import { policyNames, policyWords } from "../shared/settings/policies";
import { type CacheSettings, defaultCacheSettings } from "../shared/settings/settings";

/** The presets, the budget in force and the model's own, by size; with what each takes of the memory. */
export function budgetChoices(cache: CacheSettings, info?: ModelInfo): Choice[] {
  const current = formatBudget(cache.budget);
  const suggested = info?.suggestedBudget && formatBudget(info.suggestedBudget);
  const all = [...new Set([...budgetPresets, current, suggested ?? current])];
  return all
    .sort((a, b) => rank(a) - rank(b))
    .map((value) => ({
      value,
      label: budgetLabel(value),
      description:
        budgetDescription(value) + (value === suggested ? ", suggested by the model" : ""),
      detail: info ? budgetMemory(value, cache.buffer, info) : "",
      current: value === current,
    }));
}

/** What is offered for the number of chains that think about a question. */
const chainPresets = [1, 4, 8, 16];

/** The presets and the number in force; with what they take beside one chain that forgets nothing. */
export function chainChoices(chains: number, cache: CacheSettings, info?: ModelInfo): Choice[] {
  const all = [...new Set([...chainPresets, chains])].sort((a, b) => a - b);
  return all.map((value) => ({
    value: String(value),
    label: counted(value, "way"),
    description: value === 1 ? "" : "they vote",
    detail: info ? chainMemory(value, cache, info) : "",
    current: value === chains,
  }));
}

function chainMemory(chains: number, cache: CacheSettings, info: ModelInfo): string {
  const whole = info.contextLength * info.bytesPerToken;
  const most = chains * mostSlots(cache, info) * info.bytesPerToken;
  return `up to ${bytes(most)}, one whole chain ${bytes(whole)}`;
}

/** Of one chain, in the longest text that the model reads. */
function mostSlots(
  { policy, budget, buffer }: CacheSettings,
  { contextLength }: ModelInfo,
): number {
  if (policyWords[policy].evictsNothing || budget.kind === "full") return contextLength;
  const slots = budget.kind === "count" ? budget.slots : (contextLength * budget.percent) / 100;
  return Math.min(contextLength, slots + buffer);
}

/** Counts by size, then shares by size, then the full cache. */
function rank(value: string): number {
  const budget = parseBudget(value);
  switch (budget.kind) {
    case "count":
      return budget.slots;
    case "share":
      return 1e12 + budget.percent;
    case "full":
      return Infinity;
    default:
      return budget satisfies never;
  }
}

function budgetDescription(value: string): string {
  if (value === "full") return "keep everything";
  return value.endsWith("%") ? "of the tokens so far" : "tokens per head";
}

function budgetMemory(value: string, buffer: number, info: ModelInfo): string {
  const full = `${bytes(info.contextLength * info.bytesPerToken)} at ${info.contextLength} tokens`;
  const budget = parseBudget(value);
  switch (budget.kind) {
    case "full":
      return `up to ${full}`;
    case "share":
      return `grows, up to ${bytes(((info.contextLength * budget.percent) / 100) * info.bytesPerToken)}`;
    case "count":
      return bytes((budget.slots + buffer) * info.bytesPerToken);
    default:
      return budget satisfies never;
  }
}

/**
 * The preset after the current budget, or before it; the ends stay where they are. Shares are no
 * steps: from one it goes up to all, and down to the default.
 */
export function neighbourBudget({ budget }: CacheSettings, step: 1 | -1): string {
  if (budget.kind === "share")
    return step === 1 ? "full" : formatBudget(defaultCacheSettings.budget);
  const ladder = budgetPresets.filter((value) => !value.endsWith("%"));
  const size = rank(formatBudget(budget));
  const next =
    step === 1
      ? ladder.find((value) => rank(value) > size)
      : ladder.findLast((value) => rank(value) < size);
  return next ?? (step === 1 ? "full" : ladder[0]);
}

/** Every policy, the one in force marked. */
export function policyChoices(cache: CacheSettings): Choice[] {
  return policyNames.map((value) => {
    const { label, description } = policyWords[value];
    return { value, label, description, detail: "", current: value === cache.policy };
  });
}
