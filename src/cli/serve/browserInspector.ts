/** The inspector of one answer, or of trace files, in a page. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { MessageConnection } from "vscode-jsonrpc";
import type { Chat } from "../../client/chat/createChat";
import type { EngineProcess } from "../../client/engine/engineProcess";
import {
  InspectorHost,
  type InspectorSurroundings,
  type OpenTrace,
} from "../../client/inspector/inspectorHost";
import { fileBytes } from "../../client/inspector/traceBytes";
import { isRunning, type Turn } from "../../shared/chat/chatState";
import type { PageRequests } from "../../shared/wire/pageApi";
import type { DeviceChoice } from "../../shared/settings/settings";
import { request } from "../../shared/wire/wire";
import { type BrowserChat, tellPage } from "./browserChat";

export interface BrowserInspectorOptions {
  device: DeviceChoice;
  /** dist/webview */
  assets: string;
  /** What is shown where no answer is named. */
  files: string[];
}

/** Rejects where no trace of the answer is stored. */
export async function attachInspector(
  { chat, model }: BrowserChat,
  { device, assets, files }: BrowserInspectorOptions,
  connection: MessageConnection,
  answer: string | null,
): Promise<() => void> {
  if (answer !== null && (await chat.traces.sizeOf(answer)) === undefined)
    throw new Error("The trace of this answer is no longer stored.");
  const shown = answer === null ? files.map(traceOfFile) : [traceOfAnswer(chat, answer)];
  let replaying: EngineProcess | undefined;
  const surroundings: InspectorSurroundings = {
    abilities: { replay: true, compare: true, reveal: false },
    replay: (run, onProgress) =>
      chat.supervisor.useApart(async (engine) => {
        replaying = engine;
        const stop = engine.subscribe({ replaying: ({ done, total }) => onProgress(done, total) });
        const traceFile = answer === null ? files[Number(run)] : chat.traces.fileOf(answer);
        const params = { run, traceFile, folder: model(), device };
        return engine.request("replay", params).finally(stop);
      }),
    cancelReplay: () => Promise.resolve(replaying?.kill("because the replay was cancelled")),
    pickComparison: (first) =>
      pick(
        connection,
        [...answersOf(chat), ...files.map(traceOfFile)].filter(({ id }) => id !== first),
      ),
    ...pageActions(connection),
    viewer: async () => ({
      script: await readFile(path.join(assets, "inspector.js"), "utf8"),
      style: await readFile(path.join(assets, "inspector.css"), "utf8"),
    }),
    reveal: () => Promise.reject(new Error("The chat is in another tab of this browser.")),
  };
  return new InspectorHost(shown, surroundings).attach(connection);
}

function traceOfFile(file: string, index: number): OpenTrace {
  return {
    id: String(index),
    name: path.basename(file),
    bytes: fileBytes(file),
    isLive: () => false,
  };
}

function traceOfAnswer(chat: Chat, id: string): OpenTrace {
  const turn = (): Turn | undefined =>
    chat.session.state.conversation.turns.find(({ answer }) => answer.id === id);
  return {
    id,
    name: turn()?.question.text.slice(0, 60) ?? "Run",
    bytes: fileBytes(chat.traces.fileOf(id)),
    isLive: () => {
      const found = turn();
      return found !== undefined && isRunning(found.answer);
    },
  };
}

function answersOf(chat: Chat): OpenTrace[] {
  return chat.session.state.conversation.turns
    .filter(({ answer }) => answer.hasTrace)
    .map(({ answer }) => traceOfAnswer(chat, answer.id));
}

async function pick(
  connection: MessageConnection,
  traces: OpenTrace[],
): Promise<OpenTrace | undefined> {
  if (traces.length === 0)
    throw new Error("There is no other run: ask the same question again with another budget.");
  const params = { title: "Run to compare with", choices: traces.map(({ name }) => name) };
  const chosen = await request<PageRequests, "choose">(connection, "choose", params);
  return chosen === null ? undefined : traces[chosen];
}

function pageActions(
  connection: MessageConnection,
): Pick<InspectorSurroundings, "copy" | "saveFile"> {
  const tell = tellPage(connection);
  return {
    copy: (text) => tell("copyText", { text }),
    saveFile: async (name, bytes) => {
      await tell("download", { name, bytes: bytes.slice().buffer });
      return name;
    },
  };
}
