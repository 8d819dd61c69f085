/** One item: policy and budget, the device, and the live figures in its tooltip. */
import * as vscode from "vscode";
import { budgetLabel, formatBytes, policyLabel } from "../client/cacheChoices";
import type { ChatState, EngineStatus, LiveFigures } from "../shared/chatState";
import { isRunning } from "../shared/chatState";
import type { Device } from "../shared/settings";
import { formatBudget } from "../shared/settings";

const deviceWords: Record<Device, string> = {
  webgpu: "WebGPU",
  cpu: "CPU",
  cuda: "CUDA",
  coreml: "CoreML",
  dml: "DirectML",
};

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
    if (state.engine.kind === "ready") words.push(deviceWords[state.engine.info.device]);
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

function tooltip(state: ChatState): string {
  const answer = state.conversation.turns.at(-1)?.answer;
  const lines = [engineLine(state.engine)];
  if (answer?.figures) lines.push(...figureLines(answer.figures));
  if (answer && isRunning(answer)) lines.push(vscode.l10n.t("An answer is being written."));
  lines.push(vscode.l10n.t("Click to set the cache budget."));
  return lines.join("\n");
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
        deviceWords[engine.info.device],
      );
    case "failed":
      return engine.message;
    default:
      return engine satisfies never;
  }
}

function figureLines(figures: LiveFigures): string[] {
  return [
    vscode.l10n.t("Cache: {0} of {1} tokens", figures.retained, figures.position),
    vscode.l10n.t("{0} of {1}", formatBytes(figures.kvBytes), formatBytes(figures.kvBytesFull)),
    vscode.l10n.t("{0} compactions, {1} evicted", figures.compactions, figures.evicted),
    vscode.l10n.t("{0} tokens/s", figures.tokensPerSecond.toFixed(1)),
  ];
}
