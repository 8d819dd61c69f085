/** The model in use, and the commands that choose, add, check and unload one. */
import * as vscode from "vscode";
import { checkModel } from "../client/models/checkModel";
import type { EngineSupervisor } from "../client/engine/engineSupervisor";
import { bundledModelName, findModels, modelChoices } from "../client/models/findModels";
import { nameOf } from "../client/models/foundModel";
import type { Choice } from "../shared/chat/chatApi";
import { deviceInWords } from "../shared/devicesInWords";
import { deviceWords } from "../shared/settings/devices";
import type { CheckReport, LoadParams, MemoryEstimate } from "../shared/wire/engineApi";
import { settleCache } from "../shared/settings/settings";
import { readCacheChoice, readSetting, writeSetting } from "./settings";
import { bytes } from "../shared/units";

export class Models {
  constructor(
    private readonly bundled: string,
    private readonly supervisor: () => EngineSupervisor,
  ) {}

  /** The setting's model, or the bundled one. */
  current(): LoadParams & { name: string } {
    const folder = readSetting("model.folder") || this.bundled;
    const name = folder === this.bundled ? bundledModelName : nameOf(folder);
    const fullActivations = readSetting("model.fullActivations");
    return { folder, name, device: readSetting("model.device"), fullActivations };
  }

  /** The bundled model, the person's own folders, and what lies in the Hugging Face cache. */
  async choices(): Promise<Choice[]> {
    const models = await findModels(this.bundled, readSetting("model.folders"));
    return modelChoices(models, this.current().folder);
  }

  /** Asks back where the memory may not do; the model is loaded with the next question. */
  async select(folder: string): Promise<void> {
    if (!(await this.fits(folder))) return;
    await writeSetting("model.folder", folder === this.bundled ? "" : folder);
    this.supervisor().allowAnotherTry();
  }

  /** A model that is known, another folder, or a download. */
  async pick(): Promise<void> {
    const addFolder = { label: `$(folder-opened) ${vscode.l10n.t("Add Folder…")}` };
    const download = { label: `$(cloud-download) ${vscode.l10n.t("Download from Hugging Face…")}` };
    const items: ValueItem[] = (await this.choices()).map(asItem);
    const separator = { label: "", kind: vscode.QuickPickItemKind.Separator };
    const picked = await vscode.window.showQuickPick<ValueItem>(
      [...items, separator, addFolder, download],
      {
        title: vscode.l10n.t("Model that answers"),
        placeHolder: vscode.l10n.t("It is loaded with the next question"),
        matchOnDetail: true,
      },
    );
    if (picked === addFolder) await this.addFolder();
    else if (picked === download) await vscode.commands.executeCommand("rkv.downloadModel");
    else if (picked?.value !== undefined) await this.select(picked.value);
  }

  /** Remembers a folder, and chooses it. */
  async add(folder: string): Promise<void> {
    await writeSetting("model.folders", [...new Set([...readSetting("model.folders"), folder])]);
    await this.select(folder);
  }

  /** Tells how the model's own graph and the rewritten one compare; can be cancelled. */
  async check(): Promise<void> {
    const { folder, name, device } = this.current();
    const report = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t("Checking {0}", name),
        cancellable: true,
      },
      (_, token) =>
        this.supervisor().useApart(async (engine) => {
          const listener = token.onCancellationRequested(() => engine.kill("as you asked"));
          try {
            return await checkModel(engine, { folder, device });
          } finally {
            listener.dispose();
          }
        }),
    );
    const detail = checkInWords(report);
    await vscode.window.showInformationMessage(name, { modal: true, detail });
  }

  /** Loads the model anew and times it on every device that can run it, whatever is remembered. */
  async measureDevices(): Promise<void> {
    const { name, ...choice } = this.current();
    const supervisor = this.supervisor();
    const title = vscode.l10n.t("Timing {0} on each device", name);
    const location = vscode.ProgressLocation.Notification;
    const info = await vscode.window.withProgress({ location, title }, async () => {
      await supervisor.unload();
      const asked = { ...choice, device: "auto" as const, measureAgain: true };
      return supervisor.use(asked, (model) => Promise.resolve(model.info));
    });
    const detail = info.deviceReasons.map(deviceInWords).join("\n");
    const chosen = vscode.l10n.t("{0} runs on {1}", name, deviceWords[info.device].label);
    await vscode.window.showInformationMessage(chosen, { modal: true, detail });
  }

  private async addFolder(): Promise<void> {
    const picked = await vscode.window.showOpenDialog({
      canSelectFolders: true,
      canSelectFiles: false,
      openLabel: vscode.l10n.t("Use Model"),
    });
    if (picked?.[0]) await this.add(picked[0].fsPath);
  }

  private async fits(folder: string): Promise<boolean> {
    const { budget, buffer } = settleCache(readCacheChoice());
    const needs = await this.supervisor().useApart((engine) =>
      engine.request("estimate", { folder, budget, buffer }),
    );
    if (needs.weightBytes + needs.kvBytesAtBudget <= needs.freeBytes) return true;
    const anyway = vscode.l10n.t("Load Anyway");
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t("This model may not fit into memory."),
      { modal: true, detail: estimateInWords(needs) },
      anyway,
    );
    return answer === anyway;
  }
}

/** A row of a picker that stands for a value. */
export interface ValueItem extends vscode.QuickPickItem {
  /** Absent on items that do something else than choose. */
  value?: string;
}

/** The one in force is marked. */
export function asItem({ value, label, description, detail, current }: Choice): {
  value: string;
  label: string;
  description: string;
  detail?: string;
} {
  const mark = current ? "$(check) " : "";
  const note = current ? `${vscode.l10n.t("current")} · ${description}` : description;
  return { value, label: mark + label, description: note, detail: detail || undefined };
}

function estimateInWords(needs: MemoryEstimate): string {
  return vscode.l10n.t(
    "Weights {0}, cache at this budget {1} (full: {2}); free now: {3}.",
    bytes(needs.weightBytes),
    bytes(needs.kvBytesAtBudget),
    bytes(needs.kvBytesFull),
    bytes(needs.freeBytes),
  );
}

function checkInWords(report: CheckReport): string {
  if (!report.supported) return report.reason ?? vscode.l10n.t("The model is not supported.");
  const recognised = vscode.l10n.t(
    "Recognised as {0}: {1} layers, {2} query heads and {3} KV heads of {4}, {5}, on {6}. Largest difference of the logits between the stock graph and the rewritten one: {7}.",
    report.pattern ?? "?",
    report.layers ?? "?",
    report.queryHeads ?? "?",
    report.kvHeads ?? "?",
    report.headDim ?? "?",
    report.dtype ?? "?",
    report.device ?? "?",
    report.maxLogitDifference?.toExponential(1) ?? "?",
  );
  if (report.maxRoundingDifference === undefined) return recognised;
  const rounding = vscode.l10n.t(
    "It runs with activations rounded to 8 bits, which change a logit by {0} at most.",
    report.maxRoundingDifference.toExponential(1),
  );
  return `${recognised} ${rounding}`;
}
