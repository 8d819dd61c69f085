/** What can be chosen about the cache, with what it costs: the same list in every host. */
import type { Choice } from "../shared/chat/chatApi";
import type { ModelInfo } from "../shared/wire/engineApi";
import { bytes } from "../shared/units";
import {
  type CacheSettings,
  formatBudget,
  parseBudget,
  type PolicyName,
} from "../shared/settings/settings";

const countPresets = ["128", "256", "512", "1024", "2048", "4096"];
export const budgetPresets = [...countPresets, "10%", "16%", "34%", "full"];

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

export function budgetLabel(value: string): string {
  return value === "full" ? "Full" : value.replace("%", " %");
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

/** The preset after the current budget, or before it; the ends stay where they are. */
export function neighbourBudget(cache: CacheSettings, step: 1 | -1): string {
  const ladder = [...countPresets, "full"];
  const current = cache.budget;
  if (current.kind === "count") {
    const above = ladder.findIndex((value) => value === "full" || Number(value) > current.slots);
    const isPreset = ladder.includes(String(current.slots));
    const next = step === 1 ? above : above - (isPreset ? 2 : 1);
    return ladder[Math.max(0, next)] ?? "full";
  }
  if (current.kind === "full") return step === 1 ? "full" : "4096";
  return step === 1 ? "full" : "1024";
}

const policyWords: Record<PolicyName, [label: string, description: string]> = {
  rkv: ["R-KV", "importance against redundancy"],
  snapkv: ["SnapKV", "what the newest tokens look at"],
  "streaming-llm": ["StreamingLLM", "the first tokens and the newest"],
  keydiff: ["KeyDiff", "keys unlike the others"],
  random: ["Random", "a baseline for comparison"],
  full: ["Full cache", "nothing is evicted"],
};

export function policyLabel(policy: PolicyName): string {
  return policyWords[policy][0];
}

export function policyChoices(cache: CacheSettings): Choice[] {
  return (Object.keys(policyWords) as PolicyName[]).map((value) => {
    const [label, description] = policyWords[value];
    return { value, label, description, detail: "", current: value === cache.policy };
  });
}
