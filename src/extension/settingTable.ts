/**
 * Every setting: what it may be, and what it is where nobody has written it. package.json declares
 * the same for the editor's own checks and pages; a test compares the two.
 */
import * as z from "zod";
import { deviceNames } from "../shared/settings/devices";
import {
  cacheSettingsSchema,
  defaultCacheSettings,
  mostChains,
  samplingSettingsSchema,
} from "../shared/settings/settings";

interface Setting {
  schema: z.ZodType;
  otherwise: unknown;
  /** It names what is run or fetched: the person sets it for this machine, and no workspace does. */
  isOfMachine?: true;
}

const cache = cacheSettingsSchema.shape;
const sampling = samplingSettingsSchema.shape;

/** Null where nobody has chosen: the model's suggestion goes before the default. */
function suggestible<T extends z.ZodType>(
  schema: T,
): { schema: z.ZodNullable<T>; otherwise: null } {
  return { schema: schema.nullable(), otherwise: null };
}

export const settingTable = {
  /** Written as parseBudget reads it; empty for what the model suggests. */
  "cache.budget": { schema: z.coerce.string(), otherwise: "" },
  "cache.policy": { schema: cache.policy, otherwise: defaultCacheSettings.policy },
  "cache.pinPrompt": { schema: cache.pinPrompt, otherwise: defaultCacheSettings.pinPrompt },
  "cache.buffer": { schema: cache.buffer, otherwise: defaultCacheSettings.buffer },
  "cache.observationWindow": {
    schema: cache.observationWindow,
    otherwise: defaultCacheSettings.observationWindow,
  },
  "cache.lambda": { schema: cache.lambda, otherwise: defaultCacheSettings.lambda },
  "cache.similarityThreshold": {
    schema: cache.similarityThreshold,
    otherwise: defaultCacheSettings.similarityThreshold,
  },
  /** Empty for the bundled model. */
  "model.folder": { schema: z.string(), otherwise: "", isOfMachine: true },
  "model.folders": {
    schema: z.array(z.string()),
    otherwise: [] as string[],
    isOfMachine: true,
  },
  "model.device": { schema: z.enum(deviceNames), otherwise: "auto", isOfMachine: true },
  "model.fullActivations": { schema: z.boolean(), otherwise: false },
  "model.unloadAfterMinutes": { schema: z.number().min(0).max(1440), otherwise: 5 },
  "generation.temperature": suggestible(sampling.temperature),
  "generation.topP": suggestible(sampling.topP),
  "generation.topK": suggestible(sampling.topK),
  "generation.minP": suggestible(sampling.minP),
  "generation.repetitionPenalty": suggestible(sampling.repetitionPenalty),
  "generation.seed": suggestible(sampling.seed),
  "generation.maxTokens": { schema: z.number().int().min(1).max(1_000_000), otherwise: 8192 },
  "generation.chains": { schema: z.number().int().min(1).max(mostChains), otherwise: 1 },
  "traces.kept": { schema: z.number().int().min(0).max(10_000), otherwise: 50 },
  /** Empty for HF_ENDPOINT or huggingface.co. */
  "hub.endpoint": { schema: z.string(), otherwise: "", isOfMachine: true },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settingTable;
export type SettingValue<N extends SettingName> = z.infer<(typeof settingTable)[N]["schema"]>;
