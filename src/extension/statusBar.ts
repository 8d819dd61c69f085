/** One item: policy and budget, the device, and the live figures in its tooltip. */
import * as vscode from "vscode";
import type { ChatState, EngineStatus, LiveFigures } from "../shared/chat/chatState";
import { budgetLabel, formatBudget } from "../shared/settings/budget";
import { deviceWords } from "../shared/settings/devices";
import { policyLabel } from "../shared/settings/policies";
import { bytes, count, counted, percent, rate } from "../shared/units";

const betweenUpdatesMillis = 250;

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    "rkv.budget",
    vscode.StatusBarAlignment.Right,
    100,
  );

  private state: ChatState | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor() {
    this.item.name = "R-KV Lens";
    this.item.command = "rkv.setBudget";
  }

  /** Changes come with every token; the item follows a few times a second. */
  follow(state: ChatState): void {
    this.state = state;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.state) this.show(this.state);
    }, betweenUpdatesMillis);
  }

  private show(state: ChatState): void {
    const { policy, budget } = state.cache;
    const words = [`${policyLabel(policy)} ${budgetLabel(formatBudget(budget))}`];
    if (state.engine.kind === "ready") words.push(deviceWords[state.engine.info.device].label);
    const icon = state.engine.kind === "loading" ? "$(loading~spin) " : "";
    this.item.text = icon + words.join(" · ");
    this.item.tooltip = tooltip(state);
    this.item.show();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.item.dispose();
  }
}

function tooltip(state: ChatState): vscode.MarkdownString {
  const answer = state.conversation.turns.at(-1)?.answer;
  const words = new vscode.MarkdownString();
  words.isTrusted = { enabledCommands: ["rkv.setBudget", "rkv.setPolicy", "rkv.openInspector"] };
  words.appendText(engineLine(state.engine));
  for (const line of answer?.figures ? figureLines(answer.figures) : [])
    words.appendMarkdown("\n\n").appendText(line);
  const links = [
    `[${vscode.l10n.t("Budget")}](command:rkv.setBudget)`,
    `[${vscode.l10n.t("Policy")}](command:rkv.setPolicy)`,
    `[${vscode.l10n.t("Inspector")}](command:rkv.openInspector)`,
  ];
  return words.appendMarkdown(`\n\n---\n\n${links.join(" · ")}`);
}

function engineLine(engine: EngineStatus): string {
  switch (engine.kind) {
    case "idle":
      return vscode.l10n.t("{0}, not loaded", engine.model);
    case "loading":
      return vscode.l10n.t("{0} is being loaded: {1}", engine.model, engine.stage);
    case "ready":
      return vscode.l10n.t(
        "{0} ({1}) on {2}",
        engine.info.name,
        engine.info.dtype,
        deviceWords[engine.info.device].label,
      );
    case "failed":
      return engine.message;
    default:
      return engine satisfies never;
  }
}

function figureLines(figures: LiveFigures): string[] {
  const { retained, position, kvBytes, kvBytesFull, compactions, evicted } = figures;
  return [
    vscode.l10n.t("Cache: {0} of {1} tokens", count(retained), count(position)),
    vscode.l10n.t(
      "{0} of {1}, {2}",
      bytes(kvBytes),
      bytes(kvBytesFull),
      percent(kvBytesFull > 0 ? kvBytes / kvBytesFull : 1),
    ),
    vscode.l10n.t("{0}, {1} evicted", counted(compactions, "compaction"), count(evicted)),
    vscode.l10n.t("{0} tokens/s", rate(figures.tokensPerSecond)),
  ];
}
