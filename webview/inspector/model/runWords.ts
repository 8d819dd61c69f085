/** Sentences about a run as a whole. */
import { formatBudget } from "../../../src/shared/settings/budget";
import { policyLabel } from "../../../src/shared/settings/policies";
import { counted } from "../../../src/shared/units";
import type { Run } from "./run";

/** What was run and how, as it stands when the text is so long. */
export function settingWords(run: Run, tokens: number): string[] {
  const settings = run.settings.findLast(({ position }) => position <= tokens) ?? run.settings[0];
  const name = `${run.header.model} · ${run.header.device}`;
  if (!settings) return [name];
  const { policy, budget, buffer, lambda, observationWindow, pinPrompt } = settings.cache;
  if (policy === "full") return [name, "full cache"];
  return [
    name,
    `${policyLabel(policy)} ${formatBudget(budget)} + ${buffer}`,
    ...(policy === "rkv" ? [`λ ${lambda}`] : []),
    `window ${observationWindow}`,
    pinPrompt ? "prompt pinned" : "prompt not pinned",
  ];
}

/** A run that looks compressed and never was: the silent full cache. */
export function neverFired(run: Run): string | undefined {
  const { cache } = run.settings.at(-1) ?? {};
  if (!cache || !run.end || run.compactions.length > 0 || cache.policy === "full") return undefined;
  const budget = cache.budget.kind === "count" ? ` and the budget is ${cache.budget.slots}` : "";
  return `Compression never fired: the text has ${counted(run.tokens, "token")}${budget}. These figures are those of a full cache.`;
}
