/** In a window that is not trusted nothing is run, chosen or fetched: whose folder it is, nobody said. */
import * as vscode from "vscode";
import { type CommandName, commandTable } from "./commandTable";

/** What to tell the person instead of starting an engine; undefined where one may start. */
export function whyNoEngine(): string | undefined {
  if (vscode.workspace.isTrusted) return undefined;
  return vscode.l10n.t(
    "No model runs in Restricted Mode: trust this folder with “Workspaces: Manage Workspace Trust”, then try again. Traces open without that.",
  );
}

/** Throws before the person has answered a command's questions in vain. */
export function refuseUntrusted(command: CommandName): void {
  const reason = commandTable[command].needsTrust ? whyNoEngine() : undefined;
  if (reason !== undefined) throw new Error(reason);
}
