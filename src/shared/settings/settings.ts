/**
 * What a person can set about the cache: how much of it, chosen by which policy.
 * Every host (editor, terminal, browser) validates through these schemas and nothing else.
 */
import * as z from "zod";
import { type Budget, largestBudget } from "./budget";
import { policyNames } from "./policies";

export { type Budget, formatBudget, largestBudget, parseBudget } from "./budget";
export { type Device, type DeviceChoice, deviceNames } from "./devices";
export { type PolicyName, policyNames } from "./policies";

const budgetSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("count"), slots: z.number().int().min(1).max(largestBudget) }),
  z.object({ kind: z.literal("share"), percent: z.number().positive().max(100) }),
  z.object({ kind: z.literal("full") }),
]) satisfies z.ZodType<Budget>;

export const cacheSettingsSchema = z.object({
  policy: z.enum(policyNames),
  budget: budgetSchema,
  /** Tokens decoded between two compactions (B_buffer in the paper). */
  buffer: z.number().int().min(1).max(65_536),
  /** Newest tokens whose queries vote on importance, and which are always retained (α). */
  observationWindow: z.number().int().min(1).max(256),
  /** Weight of importance against redundancy: score = λ·importance − (1−λ)·redundancy. */
  lambda: z.number().min(0).max(1),
  /** Cosine similarity above which two keys count as near-duplicates. */
  similarityThreshold: z.number().min(-1).max(1),
  /** Never evict a token of the prompt. */
  pinPrompt: z.boolean(),
});
export type CacheSettings = z.infer<typeof cacheSettingsSchema>;

/** What a person chose: without a budget, it is the model's to suggest one. */
export type CacheChoice = Omit<CacheSettings, "budget"> & { budget?: Budget };

/** λ, observation window and buffer as in the paper (section 4.1); the threshold is the authors' code's. */
export const defaultCacheSettings: CacheSettings = {
  policy: "rkv",
  budget: { kind: "count", slots: 1024 },
  buffer: 128,
  observationWindow: 8,
  lambda: 0.1,
  similarityThreshold: 0.5,
  pinPrompt: false,
};

/** What nobody has touched yet. */
export const defaultCacheChoice: CacheChoice = { ...defaultCacheSettings, budget: undefined };

/** The person's budget goes before the model's, and the model's before the default. */
export function settleCache(choice: CacheChoice, suggestedBudget?: Budget): CacheSettings {
  return { ...choice, budget: choice.budget ?? suggestedBudget ?? defaultCacheSettings.budget };
}

export const samplingSettingsSchema = z.object({
  /** 0 is greedy: always the likeliest token. */
  temperature: z.number().min(0).max(5),
  topP: z.number().positive().max(1),
  /** 0 is off. */
  topK: z.number().int().min(0).max(1_000_000),
  minP: z.number().min(0).max(1),
  /** 1 is off. */
  repetitionPenalty: z.number().positive().max(10),
  seed: z.number().int().min(0).max(0xffff_ffff),
});
export type SamplingSettings = z.infer<typeof samplingSettingsSchema>;

/** Temperature and top-p as in the paper's runs (section 4.1). */
export const defaultSamplingSettings: SamplingSettings = {
  temperature: 0.6,
  topP: 0.95,
  topK: 0,
  minP: 0,
  repetitionPenalty: 1,
  seed: 0,
};

/** That the chat lets think about one question. */
export const mostChains = 16;

/** What a person chose: the rest is the model's to suggest. */
export type SamplingChoice = Partial<SamplingSettings>;

/** A seed for where nobody chose one and each answer is to differ. */
export function drawnSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}

/** What a model's maker found to suit it; the seed is nobody's business but the person's. */
export type SuggestedSampling = Omit<SamplingChoice, "seed">;

/**
 * The person's choice goes before the model's, and the model's before the default. Greedy chains of
 * one prompt are all alike, so of several a model's suggestion to be greedy is no use.
 */
export function settleSampling(
  choice: SamplingChoice,
  suggested: SuggestedSampling = {},
  chains = 1,
): SamplingSettings {
  const isUseless = chains > 1 && suggested.temperature === 0;
  const usable = isUseless ? { ...suggested, temperature: undefined } : suggested;
  return { ...defaultSamplingSettings, ...present(usable), ...present(choice) };
}

function present<T extends object>(some: T): Partial<T> {
  const entries = Object.entries(some).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}
