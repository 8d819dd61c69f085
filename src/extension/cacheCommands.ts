/** Budget, policy, pinned prompt and chains, from the command palette and by keys. */
import * as vscode from "vscode";
import type { ChatHost } from "../client/chat/chatHost";
import type { ChatSession } from "../client/chat/chatSession";
import { neighbourBudget } from "../client/cacheChoices";
import { reasonOf } from "../shared/reasonOf";
import { budgetLabel, formatBudget, parseBudget } from "../shared/settings/budget";
import { asItem, type ValueItem } from "./models";

/** Any preset, with what it costs the model in use, or one of the person's own. */
export async function pickBudget(host: ChatHost, session: ChatSession): Promise<void> {
  const custom = { label: `$(edit) ${vscode.l10n.t("Custom…")}` };
  const choices: ValueItem[] = (await host.choices("budget")).map((choice) => {
    const { detail, ...item } = asItem(choice);
    return { ...item, description: [item.description, detail].filter(Boolean).join(" · ") };
  });
  const separator = { label: "", kind: vscode.QuickPickItemKind.Separator };
  const { engine } = session.state;
  const model = engine.kind === "ready" ? engine.info.name : engine.model;
  const picked = await vscode.window.showQuickPick<ValueItem>([...choices, separator, custom], {
    title: vscode.l10n.t("Cache budget for {0}", model),
    placeHolder: vscode.l10n.t("Slots that each KV head keeps after a compaction"),
  });
  const value = picked === custom ? await askBudget(session) : picked?.value;
  if (value !== undefined) await host.choose("budget", value);
}

/** How many chains think about the next question, with what they take. */
export async function pickChains(host: ChatHost): Promise<void> {
  const choices = (await host.choices("chains")).map(asItem);
  const picked = await vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t("Ways to think"),
    placeHolder: vscode.l10n.t("Chains that think about a question together, and vote"),
  });
  if (picked) await host.choose("chains", picked.value);
}

export async function pickPolicy(host: ChatHost): Promise<void> {
  const picked = await vscode.window.showQuickPick((await host.choices("policy")).map(asItem), {
    title: vscode.l10n.t("Eviction policy"),
    placeHolder: vscode.l10n.t("What is evicted when the buffer is full"),
  });
  if (picked) await host.choose("policy", picked.value);
}

/** From the next compaction on, also of an answer that is being written. */
export async function togglePinPrompt(host: ChatHost, session: ChatSession): Promise<void> {
  const pinPrompt = !session.state.cache.pinPrompt;
  await host.configure({ pinPrompt });
  const message = pinPrompt
    ? vscode.l10n.t("The prompt is pinned: none of its tokens is evicted.")
    : vscode.l10n.t("The prompt is not pinned: its tokens compete like all others.");
  vscode.window.setStatusBarMessage(message, 5_000);
}

let lastStep: Promise<unknown> = Promise.resolve();

/**
 * To the next preset up or down, without a picker. Goes on from where the step before it ends:
 * until that is written, the settings say what was.
 */
export function stepBudget(host: ChatHost, session: ChatSession, step: 1 | -1): Promise<void> {
  const steps = (): Promise<void> => stepNow(host, session, step);
  const result = lastStep.then(steps, steps);
  lastStep = result;
  return result;
}

async function stepNow(host: ChatHost, session: ChatSession, step: 1 | -1): Promise<void> {
  const value = neighbourBudget(session.state.cache, step);
  await host.choose("budget", value);
  vscode.window.setStatusBarMessage(vscode.l10n.t("Cache budget: {0}", budgetLabel(value)), 3_000);
}

function askBudget(session: ChatSession): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t("Custom cache budget"),
    prompt: vscode.l10n.t("A number of slots such as 768, a share such as 25%, or full"),
    value: formatBudget(session.state.cache.budget),
    validateInput: (text) => {
      try {
        parseBudget(text);
        return undefined;
      } catch (error) {
        return reasonOf(error);
      }
    },
  });
}
