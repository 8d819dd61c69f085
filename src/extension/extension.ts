/**
 * The extension's entry. Activation only registers: the editor waits for it, so whatever takes time
 * to load is in the workbench, which is evaluated with the first command, view or request.
 */
import * as vscode from "vscode";
import { commandNames } from "./commandTable";
import type { TraceDocument } from "./inspectors";
import type { Workbench } from "./workbench";

let workbench: Promise<Workbench> | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const load = (): Promise<Workbench> =>
    (workbench ??= import("./workbench").then(({ Workbench }) => new Workbench(context)));
  context.subscriptions.push(
    ...commandNames.map((name) =>
      vscode.commands.registerCommand(`rkv.${name}`, async () => (await load()).run(name)),
    ),
    ...registerChat(load),
    ...registerInspector(load),
    ...registerLanguageModel(load),
    vscode.workspace.onDidChangeConfiguration(async (event) =>
      (await workbench)?.onSettings(event),
    ),
  );
}

/** The editor waits for this when its window closes or is loaded anew. */
export async function deactivate(): Promise<void> {
  await (await workbench)?.close();
}

function registerChat(load: () => Promise<Workbench>): vscode.Disposable[] {
  return [
    vscode.window.registerWebviewViewProvider("rkv.chat", {
      resolveWebviewView: async (view) => (await load()).views.showView(view),
    }),
    vscode.window.registerWebviewPanelSerializer("rkv.chatPanel", {
      deserializeWebviewPanel: async (panel) => (await load()).views.showPanel(panel),
    }),
  ];
}

function registerInspector(load: () => Promise<Workbench>): vscode.Disposable[] {
  const provider: vscode.CustomReadonlyEditorProvider<TraceDocument> = {
    openCustomDocument: async (uri) => (await load()).inspectors.open(uri),
    resolveCustomEditor: async (document, panel) => (await load()).inspectors.show(document, panel),
  };
  return [
    vscode.window.registerCustomEditorProvider("rkv.traceEditor", provider, {
      supportsMultipleEditorsPerDocument: true,
    }),
    vscode.window.registerWebviewPanelSerializer("rkv.inspector", {
      deserializeWebviewPanel: async (panel) => (await load()).inspectors.restore(panel),
    }),
  ];
}

/** Older editors have no place for it, and everything else works there. */
function registerLanguageModel(load: () => Promise<Workbench>): vscode.Disposable[] {
  const register = vscode.lm.registerLanguageModelChatProvider;
  if (register === undefined) return [];
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.LanguageModelChatProvider = {
    onDidChangeLanguageModelChatInformation: changed.event,
    provideLanguageModelChatInformation: async () => (await load()).languageModel.information(),
    provideLanguageModelChatResponse: async (model, messages, _options, progress, token) =>
      (await load()).languageModel.respond(model, messages, progress, token),
    provideTokenCount: async (_model, text) => (await load()).languageModel.countTokens(text),
  };
  return [
    changed,
    register("rkv", provider),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("rkv.model")) changed.fire();
    }),
  ];
}
