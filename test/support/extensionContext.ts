/** What the editor hands to the extension as it activates it, with storage in a new folder. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";

export function extensionContext(secrets = new Map<string, string>()): vscode.ExtensionContext {
  const storage = mkdtempSync(path.join(tmpdir(), "rkv-lens-extension-"));
  process.once("exit", () => rmSync(storage, { recursive: true, force: true }));
  const context = {
    subscriptions: [],
    extensionUri: vscode.Uri.file(process.cwd()),
    globalStorageUri: vscode.Uri.file(storage),
    extension: { packageJSON: { version: "1.2.3" } },
    secrets: {
      get: (key: string) => Promise.resolve(secrets.get(key)),
      store: (key: string, value: string) => Promise.resolve(void secrets.set(key, value)),
      delete: (key: string) => Promise.resolve(void secrets.delete(key)),
    },
  };
  return context as unknown as vscode.ExtensionContext;
}
