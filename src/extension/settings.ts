/** The person's settings, validated: a bad value is named, and the default is used instead. */
import * as vscode from "vscode";
import { type Budget, formatBudget, parseBudget } from "../shared/settings/budget";
import {
  type CacheChoice,
  defaultCacheSettings,
  drawnSeed,
  type SamplingChoice,
} from "../shared/settings/settings";
import { reasonOf } from "../shared/reasonOf";
import { type SettingName, settingTable, type SettingValue } from "./settingTable";

const complained = new Set<string>();

/** What is written about the cache, as it is now. */
export function readCacheChoice(): CacheChoice {
  return {
    budget: readBudget(),
    policy: readSetting("cache.policy"),
    buffer: readSetting("cache.buffer"),
    observationWindow: readSetting("cache.observationWindow"),
    lambda: readSetting("cache.lambda"),
    similarityThreshold: readSetting("cache.similarityThreshold"),
    pinPrompt: readSetting("cache.pinPrompt"),
  };
}

/** Undefined where nothing is written: the model suggests one then. */
function readBudget(): Budget | undefined {
  const written = readSetting("cache.budget");
  if (written.trim() === "") return undefined;
  try {
    return parseBudget(written);
  } catch (error) {
    const { budget } = defaultCacheSettings;
    complain("cache.budget", written, reasonOf(error), formatBudget(budget));
    return budget;
  }
}

/** Undefined where nothing is written: the model suggests it then, and a seed is drawn for each answer. */
export function readSamplingChoice(): SamplingChoice {
  return {
    temperature: readSetting("generation.temperature") ?? undefined,
    topP: readSetting("generation.topP") ?? undefined,
    topK: readSetting("generation.topK") ?? undefined,
    minP: readSetting("generation.minP") ?? undefined,
    repetitionPenalty: readSetting("generation.repetitionPenalty") ?? undefined,
    seed: readSetting("generation.seed") ?? drawnSeed(),
  };
}

/** Milliseconds without use after which the engine ends; 0 for never. */
export function readIdleMillis(): number {
  return readSetting("model.unloadAfterMinutes") * 60_000;
}

/** The hub to download from: the setting, else HF_ENDPOINT, else huggingface.co. */
export function readHubEndpoint(): string {
  return readSetting("hub.endpoint") || process.env.HF_ENDPOINT || "https://huggingface.co";
}

/** Where the value is not one, the person is told once, and it is as if nobody had written it. */
export function readSetting<N extends SettingName>(name: N): SettingValue<N> {
  const { schema, otherwise } = settingTable[name];
  const value = vscode.workspace.getConfiguration("rkv").get<unknown>(name, otherwise);
  const result = schema.safeParse(value);
  if (result.success) return result.data as SettingValue<N>;
  complain(name, value, result.error.issues[0]?.message ?? "", otherwise);
  return otherwise as SettingValue<N>;
}

/** Into the workspace where it has a value there already, else for all of the person's windows. */
export async function writeSetting<N extends SettingName>(
  name: N,
  value: SettingValue<N>,
): Promise<void> {
  const settings = vscode.workspace.getConfiguration("rkv");
  const isInWorkspace = settings.inspect(name)?.workspaceValue !== undefined;
  const { Workspace, Global } = vscode.ConfigurationTarget;
  await settings.update(name, value, isInWorkspace ? Workspace : Global);
}

/** Writes what can be chosen in the chat, and of that only what is another now. */
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

/** Once for each bad value. */
function complain(name: SettingName, value: unknown, reason: string, used: unknown): void {
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
