/** The person's settings, validated: a bad value is named, and the default is used instead. */
import * as vscode from "vscode";
import * as z from "zod";
import {
  type Budget,
  type CacheChoice,
  cacheSettingsSchema,
  defaultCacheSettings,
  deviceNames,
  drawnSeed,
  formatBudget,
  parseBudget,
  type SamplingChoice,
  samplingSettingsSchema,
} from "../shared/settings/settings";

const cacheShape = cacheSettingsSchema.shape;
const samplingShape = samplingSettingsSchema.shape;
const complained = new Set<string>();

export function readCacheChoice(): CacheChoice {
  return {
    budget: readBudget(),
    policy: read("cache.policy", cacheShape.policy, defaultCacheSettings.policy),
    buffer: read("cache.buffer", cacheShape.buffer, defaultCacheSettings.buffer),
    observationWindow: read(
      "cache.observationWindow",
      cacheShape.observationWindow,
      defaultCacheSettings.observationWindow,
    ),
    lambda: read("cache.lambda", cacheShape.lambda, defaultCacheSettings.lambda),
    similarityThreshold: read(
      "cache.similarityThreshold",
      cacheShape.similarityThreshold,
      defaultCacheSettings.similarityThreshold,
    ),
    pinPrompt: read("cache.pinPrompt", cacheShape.pinPrompt, defaultCacheSettings.pinPrompt),
  };
}

/** Undefined where nothing is written: the model suggests one then. */
function readBudget(): Budget | undefined {
  const written = read("cache.budget", z.coerce.string(), "");
  if (written.trim() === "") return undefined;
  return parseOr("cache.budget", written, parseBudget, defaultCacheSettings.budget);
}

/** Undefined where nothing is written: the model suggests it then, and a seed is drawn for each answer. */
export function readSamplingChoice(): SamplingChoice {
  return {
    temperature: readOptional("generation.temperature", samplingShape.temperature),
    topP: readOptional("generation.topP", samplingShape.topP),
    topK: readOptional("generation.topK", samplingShape.topK),
    minP: readOptional("generation.minP", samplingShape.minP),
    repetitionPenalty: readOptional(
      "generation.repetitionPenalty",
      samplingShape.repetitionPenalty,
    ),
    seed: readOptional("generation.seed", samplingShape.seed) ?? drawnSeed(),
  };
}

export function readMaxTokens(): number {
  return read("generation.maxTokens", z.number().int().min(1).max(1_000_000), 8192);
}

/** Empty where the bundled model is meant. */
export function readModelFolder(): string {
  return read("model.folder", z.string(), "");
}

export function readModelFolders(): string[] {
  return read("model.folders", z.array(z.string()), []);
}

export function readDevice(): (typeof deviceNames)[number] {
  return read("model.device", z.enum(deviceNames), "auto");
}

export function readIdleMillis(): number {
  return read("model.unloadAfterMinutes", z.number().min(0).max(1440), 5) * 60_000;
}

export function readTracesKept(): number {
  return read("traces.kept", z.number().int().min(0).max(10_000), 50);
}

/** The hub to download from: the setting, else HF_ENDPOINT, else huggingface.co. */
export function readHubEndpoint(): string {
  const written = read("hub.endpoint", z.string(), "");
  return written || process.env.HF_ENDPOINT || "https://huggingface.co";
}

export async function writeSetting(name: string, value: unknown): Promise<void> {
  const settings = vscode.workspace.getConfiguration("rkv");
  const isInWorkspace = settings.inspect(name)?.workspaceValue !== undefined;
  const { Workspace, Global } = vscode.ConfigurationTarget;
  await settings.update(name, value, isInWorkspace ? Workspace : Global);
}

export async function writeCacheChoice(cache: CacheChoice): Promise<void> {
  const now = readCacheChoice();
  const budget = writtenBudget(cache);
  if (budget !== writtenBudget(now)) await writeSetting("cache.budget", budget);
  if (now.policy !== cache.policy) await writeSetting("cache.policy", cache.policy);
  if (now.pinPrompt !== cache.pinPrompt) await writeSetting("cache.pinPrompt", cache.pinPrompt);
}

function writtenBudget({ budget }: CacheChoice): string {
  return budget ? formatBudget(budget) : "";
}

function read<T>(name: string, schema: z.ZodType<T>, otherwise: T): T {
  const value = vscode.workspace.getConfiguration("rkv").get<unknown>(name, otherwise);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  complain(name, value, result.error.issues[0]?.message ?? "", otherwise);
  return otherwise;
}

/** Settings without a value of their own are null. */
function readOptional<T>(name: string, schema: z.ZodType<T>): T | undefined {
  return read(name, schema.nullable(), null) ?? undefined;
}

function parseOr<T>(name: string, text: string, parse: (text: string) => T, otherwise: T): T {
  try {
    return parse(text);
  } catch (error) {
    complain(name, text, error instanceof Error ? error.message : String(error), "1024");
    return otherwise;
  }
}

/** Once for each bad value. */
function complain(name: string, value: unknown, reason: string, used: unknown): void {
  const key = `${name}=${JSON.stringify(value)}`;
  if (complained.has(key)) return;
  complained.add(key);
  const message = vscode.l10n.t(
    "The setting rkv.{0} is {1}, which cannot be used ({2}); {3} is used instead.",
    name,
    JSON.stringify(value),
    reason,
    JSON.stringify(used),
  );
  const open = vscode.l10n.t("Open Setting");
  void vscode.window.showWarningMessage(message, open).then((choice) => {
    if (choice === open)
      void vscode.commands.executeCommand("workbench.action.openSettings", `rkv.${name}`);
  });
}
