/** The options of a generation: cache, sampling, and the prompt's limits. */
import type * as z from "zod";
import { type Budget, formatBudget, parseBudget } from "../shared/settings/budget";
import { policyNames } from "../shared/settings/policies";
import {
  type CacheChoice,
  cacheSettingsSchema,
  defaultCacheSettings,
  defaultSamplingSettings,
  type SamplingChoice,
  samplingSettingsSchema,
} from "../shared/settings/settings";
import { reasonOf } from "../shared/reasonOf";
import type { Arguments, Options } from "./arguments";
import { UsageError } from "./exitCodes";

const cache = defaultCacheSettings;
const sampling = defaultSamplingSettings;
const cacheShape = cacheSettingsSchema.shape;
const samplingShape = samplingSettingsSchema.shape;

export const cacheOptions = {
  buffer: { value: "N", help: `Tokens between two compactions (default ${cache.buffer}).` },
  window: {
    value: "N",
    help: `Newest tokens whose queries vote (default ${cache.observationWindow}).`,
  },
  lambda: { value: "X", help: `Importance against redundancy, 0 to 1 (default ${cache.lambda}).` },
  "pin-prompt": { help: "Never evict a token of the prompt." },
} satisfies Options;

export const policyOptions = {
  policy: { value: "P", help: `${policyNames.join(", ")} (default ${cache.policy}).` },
  budget: {
    value: "N|N%|full",
    help: `Slots per KV head after a compaction: a count, a share of the tokens so far, or all (${suggestedElse(formatBudget(cache.budget))}).`,
  },
} satisfies Options;

export const samplingOptions = {
  temperature: {
    value: "X",
    help: `${limits(samplingShape.temperature).join(" to ")} (${suggestedElse(sampling.temperature)}).`,
  },
  "top-p": { value: "X", help: `0 to 1 (${suggestedElse(sampling.topP)}).` },
  seed: {
    value: "N",
    help: `Same seed, device and machine: same tokens (default ${sampling.seed}).`,
  },
  greedy: { help: "Always the likeliest token; the same as --temperature 0." },
} satisfies Options;

/** What was asked for about the cache. Throws a UsageError for what cannot be. */
export function cacheChoice(args: Arguments): CacheChoice {
  const budget = budgetOf(args.text("budget"));
  const window =
    args.integer("window", limits(cacheShape.observationWindow)) ?? cache.observationWindow;
  if (budget?.kind === "count" && budget.slots < window)
    throw new UsageError(
      `--budget ${budget.slots} has no room for the window of ${window}, which is always kept: give at least ${window}.`,
    );
  return {
    ...cache,
    policy: args.choice("policy", policyNames) ?? cache.policy,
    budget,
    buffer: args.integer("buffer", limits(cacheShape.buffer)) ?? cache.buffer,
    observationWindow: window,
    lambda: args.number("lambda", limits(cacheShape.lambda)) ?? cache.lambda,
    pinPrompt: args.flag("pin-prompt"),
  };
}

/** What was asked for about sampling; the rest is the model's to suggest. Throws as cacheChoice does. */
export function samplingChoice(args: Arguments): SamplingChoice {
  const temperature = args.number("temperature", limits(samplingShape.temperature));
  return {
    temperature: args.flag("greedy") ? 0 : temperature,
    topP: args.number("top-p", [Number.EPSILON, 1]),
    seed: args.integer("seed", limits(samplingShape.seed)),
  };
}

/** Least and most, both included. */
function limits({ minValue, maxValue }: z.ZodNumber): [number, number] {
  return [minValue ?? -Infinity, maxValue ?? Infinity];
}

function suggestedElse(value: number | string): string {
  return `default: what the model suggests, else ${value}`;
}

/** Throws a UsageError for what is no budget. */
export function budgetOf(text: string | undefined): Budget | undefined {
  if (text === undefined) return undefined;
  try {
    return parseBudget(text);
  } catch (error) {
    throw new UsageError(reasonOf(error));
  }
}
