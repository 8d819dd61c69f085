/** The options of a generation: cache, sampling, and the prompt's limits. */
import {
  type CacheChoice,
  defaultCacheSettings,
  defaultSamplingSettings,
  parseBudget,
  policyNames,
  type SamplingChoice,
} from "../shared/settings/settings";
import { reasonOf } from "../shared/reasonOf";
import type { Arguments, Options } from "./arguments";
import { UsageError } from "./exitCodes";

const cache = defaultCacheSettings;
const sampling = defaultSamplingSettings;

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
    help: `Slots per KV head after a compaction: a count, a share of the tokens so far, or all (${suggestedElse(1024)}).`,
  },
} satisfies Options;

export const samplingOptions = {
  temperature: { value: "X", help: `0 to 5 (${suggestedElse(sampling.temperature)}).` },
  "top-p": { value: "X", help: `0 to 1 (${suggestedElse(sampling.topP)}).` },
  seed: {
    value: "N",
    help: `Same seed, device and machine: same tokens (default ${sampling.seed}).`,
  },
  greedy: { help: "Always the likeliest token; the same as --temperature 0." },
} satisfies Options;

export function cacheChoice(args: Arguments): CacheChoice {
  const budget = budgetOf(args.text("budget"));
  const window = args.integer("window", [1, 256]) ?? cache.observationWindow;
  if (budget?.kind === "count" && budget.slots < window)
    throw new UsageError(
      `--budget ${budget.slots} has no room for the window of ${window}, which is always kept: give at least ${window}.`,
    );
  return {
    ...cache,
    policy: args.choice("policy", policyNames) ?? cache.policy,
    budget,
    buffer: args.integer("buffer", [1, 65_536]) ?? cache.buffer,
    observationWindow: window,
    lambda: args.number("lambda", [0, 1]) ?? cache.lambda,
    pinPrompt: args.flag("pin-prompt"),
  };
}

export function samplingChoice(args: Arguments): SamplingChoice {
  const temperature = args.number("temperature", [0, 5]);
  return {
    temperature: args.flag("greedy") ? 0 : temperature,
    topP: args.number("top-p", [Number.EPSILON, 1]),
    seed: args.integer("seed", [0, 0xffff_ffff]),
  };
}

function suggestedElse(value: number): string {
  return `default: what the model suggests, else ${value}`;
}

export function budgetOf(text: string | undefined) {
  if (text === undefined) return undefined;
  try {
    return parseBudget(text);
  } catch (error) {
    throw new UsageError(reasonOf(error));
  }
}
