/** What a person pastes into a bug report: versions, model, device, and the engine's last words. */
import os from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import type { SupervisorStatus } from "../client/engine/engineSupervisor";
import type { ModelInfo } from "../shared/wire/engineApi";
import { deviceInWords } from "../shared/devicesInWords";
import { bytes } from "../shared/units";

/** Opens a Markdown document that nobody has saved; it names no question, no answer and no account. */
export async function showDiagnostics(
  version: string,
  status: SupervisorStatus,
  lastLog: string,
): Promise<void> {
  const content = [
    "# R-KV Lens",
    list({
      Extension: version,
      "VS Code": vscode.version,
      Node: process.version,
      Machine: `${os.platform()} ${os.arch()}, ${os.cpus().length} cores`,
      Memory: `${bytes(os.freemem())} free of ${bytes(os.totalmem())}`,
      "Runs on": vscode.env.remoteName ?? "this machine",
    }),
    "## Model",
    modelPart(status),
    "## The engine's last words",
    `\`\`\`text\n${lastLog.trim() || "none"}\n\`\`\``,
  ].join("\n\n");
  const document = await vscode.workspace.openTextDocument({
    content: withoutHome(content),
    language: "markdown",
  });
  await vscode.window.showTextDocument(document);
}

/** Paths in messages and logs lead through a folder that often has the person's name. */
function withoutHome(text: string): string {
  const home = os.homedir();
  return path.dirname(home) === home ? text : text.replaceAll(home, "~");
}

function modelPart(status: SupervisorStatus): string {
  switch (status.kind) {
    case "idle":
      return "None is loaded.";
    case "loading":
      return `${status.folder} is being loaded (${status.stage}).`;
    case "failed":
      return `${status.folder}: ${status.message}`;
    case "ready":
      return loadedPart(status.info);
    default:
      return status satisfies never;
  }
}

function loadedPart(info: ModelInfo): string {
  const tried = info.deviceReasons.map((attempt) => `\n  - ${deviceInWords(attempt)}`);
  return list({
    Name: info.name,
    Pattern: info.pattern,
    Type: info.dtype,
    Device: info.device,
    "Devices tried": tried.join("") || "–",
    Shape: `${info.layers} layers, ${info.queryHeads} query heads, ${info.kvHeads} KV heads of ${info.headDim}`,
    Context: `${info.contextLength} tokens`,
    Weights: bytes(info.weightBytes),
    "Cache per token": bytes(info.bytesPerToken),
  });
}

function list(entries: Record<string, string>): string {
  return Object.entries(entries)
    .map(([name, value]) => `- ${name}: ${value}`)
    .join("\n");
}
