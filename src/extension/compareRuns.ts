/** A second run of a question, with another policy or another budget, to lay beside the first. */
import * as vscode from "vscode";
import { budgetChoices, policyChoices } from "../client/cacheChoices";
import type { GenerationChoice } from "../client/chat/answerRun";
import type { Chat } from "../client/chat/createChat";
import { runAgain } from "../client/chat/runAgain";
import type { Choice } from "../shared/chat/chatApi";
import type { Turn } from "../shared/chat/chatState";
import { type CacheSettings, parseBudget, type PolicyName } from "../shared/settings/settings";
import { count } from "../shared/units";

/** What the inspector lays beside the first run. */
export interface SecondRun {
  /** Names its trace in the chat's store. */
  run: string;
  title: string;
}

/** Undefined where the person gave up, before or while it runs. `turns` ends with the question. */
export async function runWithOtherCache(
  chat: Chat,
  choice: GenerationChoice,
  turns: Turn[],
): Promise<SecondRun | undefined> {
  const other = await pickOtherCache(chat.session.state.cache);
  if (!other) return undefined;
  const { label: title, cache } = other;
  const stopping = new AbortController();
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t("The same question with {0}", title),
    cancellable: true,
  };
  try {
    return await vscode.window.withProgress(options, async (progress, cancellation) => {
      cancellation.onCancellationRequested(() => stopping.abort());
      const onTokens = (tokens: number): void =>
        progress.report({ message: vscode.l10n.t("{0} tokens", count(tokens)) });
      const { signal } = stopping;
      return { run: await runAgain(chat, { choice, turns, cache, signal, onTokens }), title };
    });
  } catch (error) {
    if (stopping.signal.aborted) return undefined;
    throw error;
  }
}

interface OtherCache extends vscode.QuickPickItem {
  cache: CacheSettings;
}

async function pickOtherCache(cache: CacheSettings): Promise<OtherCache | undefined> {
  const policies = others(policyChoices(cache), (value) => ({
    ...cache,
    policy: value as PolicyName,
  }));
  const budgets = others(budgetChoices(cache), (value) => ({
    ...cache,
    budget: parseBudget(value),
  }));
  const kind = vscode.QuickPickItemKind.Separator;
  return vscode.window.showQuickPick<OtherCache>(
    [
      { label: vscode.l10n.t("another policy"), kind, cache },
      ...policies,
      { label: vscode.l10n.t("another budget"), kind, cache },
      ...budgets.map((item) => ({ ...item, label: vscode.l10n.t("budget {0}", item.label) })),
    ],
    {
      title: vscode.l10n.t("Run the question again with"),
      placeHolder: vscode.l10n.t("Everything else stays as it is now"),
    },
  );
}

function others(choices: Choice[], cacheOf: (value: string) => CacheSettings): OtherCache[] {
  return choices
    .filter(({ current }) => !current)
    .map(({ value, label, description }) => ({ label, description, cache: cacheOf(value) }));
}
