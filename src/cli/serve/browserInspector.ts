/** The inspector of one answer, in a page. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { MessageConnection } from "vscode-jsonrpc";
import type { EngineProcess } from "../../client/engineProcess";
import { InspectorHost, type InspectorSurroundings } from "../../client/inspector/inspectorHost";
import { fileBytes } from "../../client/inspector/traceBytes";
import { isRunning } from "../../shared/chatState";
import type { DeviceChoice } from "../../shared/settings";
import { type BrowserChat, tellPage } from "./browserChat";

export interface BrowserInspectorOptions {
  device: DeviceChoice;
  /** dist/webview */
  assets: string;
}

/** Rejects where no trace of the answer is stored. */
export async function attachInspector(
  { chat, model }: BrowserChat,
  options: BrowserInspectorOptions,
  connection: MessageConnection,
  answer: string,
): Promise<() => void> {
  const file = chat.traces.fileOf(answer);
  if ((await chat.traces.sizeOf(answer)) === undefined)
    throw new Error("The trace of this answer is no longer stored.");
  const turn = () => chat.session.state.conversation.turns.find((one) => one.answer.id === answer);
  const trace = {
    id: answer,
    name: turn()?.question.text.slice(0, 60) ?? "Run",
    bytes: fileBytes(file),
    isLive: () => {
      const found = turn();
      return found !== undefined && isRunning(found.answer);
    },
  };
  let replaying: EngineProcess | undefined;
  const surroundings: InspectorSurroundings = {
    abilities: { replay: true, compare: false, reveal: false },
    replay: (_, onProgress) =>
      chat.supervisor.useApart(async (engine) => {
        replaying = engine;
        const stop = engine.subscribe({ replaying: ({ done, total }) => onProgress(done, total) });
        const folder = model();
        const params = { run: answer, traceFile: file, folder, device: options.device };
        return engine.request("replay", params).finally(stop);
      }),
    cancelReplay: () => Promise.resolve(replaying?.kill("because the replay was cancelled")),
    pickComparison: () => Promise.resolve(undefined),
    ...pageActions(connection),
    viewer: async () => ({
      script: await readFile(path.join(options.assets, "inspector.js"), "utf8"),
      style: await readFile(path.join(options.assets, "inspector.css"), "utf8"),
    }),
    reveal: () => Promise.reject(new Error("The chat is in another tab of this browser.")),
  };
  return new InspectorHost([trace], surroundings).attach(connection);
}

function pageActions(
  connection: MessageConnection,
): Pick<InspectorSurroundings, "copy" | "saveFile"> {
  const tell = tellPage(connection);
  return {
    copy: (text) => tell("copyText", { text }),
    saveFile: async (name, bytes) => {
      await tell("download", { name, bytes: bytes.slice().buffer });
      return true;
    },
  };
}
