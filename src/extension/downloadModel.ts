/** “Download from Hugging Face…”: which repository, which variant, with progress and cancel. */
import * as vscode from "vscode";
import { downloadVariant } from "../client/models/downloadVariant";
import { Hub, type ModelVariant } from "../client/models/hub";
import { hubCacheFolder } from "../client/models/hubCache";
import { isRepositoryId } from "../client/models/hubNames";
import { readHubEndpoint } from "./settings";
import { bytes } from "../shared/units";

const tokenKey = "rkv.hubToken";

/** Nothing is done where the person gives up on the way. `onDone` gets the model's folder. */
export async function downloadModel(
  context: vscode.ExtensionContext,
  onDone: (folder: string) => Promise<void>,
): Promise<void> {
  const hub = new Hub(readHubEndpoint(), await context.secrets.get(tokenKey));
  const repository = await pickRepository(hub, context);
  if (repository === undefined) return;
  const variant = await pickVariant(await hub.variants(repository));
  if (!variant) return;
  const folder = await withProgress(repository, (signal, report) =>
    downloadVariant(hub, variant, hubCacheFolder(), signal, report),
  );
  if (folder !== undefined) await onDone(folder);
}

/** A repository's id, or words to search for. */
async function pickRepository(
  hub: Hub,
  context: vscode.ExtensionContext,
): Promise<string | undefined> {
  const words = await vscode.window.showInputBox({
    title: vscode.l10n.t("Download from {0}", hub.endpoint),
    prompt: vscode.l10n.t(
      "A repository such as onnx-community/Qwen3-0.6B-ONNX, or words to search",
    ),
  });
  if (!words?.trim()) return undefined;
  const id = words.trim();
  if (id.includes("/") && isRepositoryId(id)) return id;
  const setToken = { label: `$(key) ${vscode.l10n.t("Set Access Token…")}` };
  const found = (await hub.search(words)).map((label) => ({ label }));
  const picked = await vscode.window.showQuickPick([...found, setToken], {
    title: vscode.l10n.t("{0} repositories found", found.length),
  });
  if (picked !== setToken) return picked?.label;
  await askToken(context);
  return undefined;
}

async function askToken(context: vscode.ExtensionContext): Promise<void> {
  const token = await vscode.window.showInputBox({
    password: true,
    title: vscode.l10n.t("Access token"),
    prompt: vscode.l10n.t("Kept in this machine's secret storage and sent to the hub only"),
  });
  if (token) await context.secrets.store(tokenKey, token);
  else if (token === "") await context.secrets.delete(tokenKey);
}

async function pickVariant(variants: ModelVariant[]): Promise<ModelVariant | undefined> {
  if (variants.length === 0)
    throw new Error(
      vscode.l10n.t("This repository has no .onnx file: look for an ONNX export of the model."),
    );
  const items = variants.map((variant) => ({
    label: variant.graph,
    description: bytes(variant.files.reduce((sum, { size }) => sum + size, 0)),
    variant,
  }));
  const title = vscode.l10n.t("Variant to download");
  return (await vscode.window.showQuickPick(items, { title }))?.variant;
}

/** Undefined when the person cancelled; what has come so far is kept for the next time. */
async function withProgress(
  repository: string,
  work: (signal: AbortSignal, report: (done: number, total: number) => void) => Promise<string>,
): Promise<string | undefined> {
  return vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t("Downloading {0}", repository),
      cancellable: true,
    },
    async (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      let told = 0;
      try {
        return await work(abort.signal, (done, total) => {
          const percent = (100 * done) / Math.max(1, total);
          const message = `${bytes(done)} / ${bytes(total)}`;
          progress.report({ increment: percent - told, message });
          told = percent;
        });
      } catch (error) {
        if (abort.signal.aborted) return undefined;
        throw error;
      }
    },
  );
}
