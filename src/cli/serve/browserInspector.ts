/** The inspector of one answer, or of trace files, in a page. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { MessageConnection } from "vscode-jsonrpc";
import type { Chat } from "../../client/chat/createChat";
import type { EngineProcess } from "../../client/engine/engineProcess";
import { InspectorHost, type InspectorSurroundings } from "../../client/inspector/inspectorHost";
import { fileBytes, type OpenTrace } from "../../client/inspector/traceBytes";
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

/**
 * By its query it follows the chat, or stays with an answer of it; else it shows the files. Rejects
 * where no trace of the answer is stored.
 */
export async function attachInspector(
  served: BrowserChat,
  options: BrowserInspectorOptions,
  connection: MessageConnection,
  query: URLSearchParams,
): Promise<() => void> {
  const { following } = served.chat;
  const answer = query.get("answer");
  const surroundings = surroundingsOf(served, options, connection);
  if (answer === null && !query.has("follow")) {
    const files = { traces: options.files.map(traceOfFile), chain: 0 };
    return new InspectorHost(files, surroundings).attach(connection);
  }
  const asked = answer === null ? [] : [answer];
  const look = await following.stored(asked, Number(query.get("chain")) || 0);
  if (!look) throw new Error("The trace of this answer is no longer stored.");
  const isPinned = answer !== null;
  const abilities = { ...surroundings.abilities, follow: true };
  const host = new InspectorHost(
    isPinned ? look : following.look,
    { ...surroundings, abilities },
    { following, isPinned },
  );
  const detach = host.attach(connection);
  const remove = served.tabs.add(host, query.get("tab") ?? "");
  return () => {
    remove();
    detach();
  };
}

function surroundingsOf(
  { chat, tabs, model }: BrowserChat,
  { device, assets, files }: BrowserInspectorOptions,
  connection: MessageConnection,
): InspectorSurroundings {
  let replaying: EngineProcess | undefined;
  return {
    abilities: { replay: true, compare: true, reveal: false, follow: false },
    replay: (run, onProgress) =>
      chat.supervisor.useApart(async (engine) => {
        replaying = engine;
        const stop = engine.subscribe({ replaying: ({ done, total }) => onProgress(done, total) });
        const traceFile = files[Number(run)] ?? chat.traces.fileOf(run);
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
    openAnother: (look) => tellPage(connection)("showTab", tabs.pinnedTab(look)),
  };
}

function traceOfFile(file: string, index: number): OpenTrace {
  return {
    id: String(index),
    name: path.basename(file),
    bytes: fileBytes(file),
    isLive: () => false,
  };
}

function answersOf(chat: Chat): OpenTrace[] {
  return chat.session.state.conversation.turns
    .filter(({ answer }) => answer.hasTrace)
    .map(({ answer }) => chat.following.traceOf(answer.id));
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
