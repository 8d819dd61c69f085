/** The browser's server with a chat behind it that a test is in charge of. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { MessageConnection } from "vscode-jsonrpc";
import { type BrowserChat, createBrowserChat } from "../../src/cli/serve/browserChat";
import { attachInspector } from "../../src/cli/serve/browserInspector";
import { type RunningServer, startServer } from "../../src/cli/serve/server";
import type { ChatRequests } from "../../src/shared/chat/chatApi";
import type { ChatState } from "../../src/shared/chat/chatState";
import { bundle } from "./bundle";

const assets = "dist/webview";
const noInspector = () => Promise.reject(new Error("There is no trace here."));

/** One fixed state; what is asked is written down. */
export interface StillChat {
  server: RunningServer;
  asked: { name: string; params: unknown }[];
}

export async function serveState(
  state: () => ChatState,
  results: { [K in keyof ChatRequests]?: ChatRequests[K]["result"] } = {},
): Promise<StillChat> {
  const asked: StillChat["asked"] = [];
  const onChat = (connection: MessageConnection): (() => void) => {
    connection.onRequest((name, params) => {
      const result = new Map<string, unknown>(Object.entries(results)).get(name) ?? null;
      if (name === "subscribe") return { sequence: 0, state: state() };
      asked.push({ name, params });
      return result;
    });
    connection.listen();
    return () => undefined;
  };
  return {
    server: await startServer({ port: 0, assets, onChat, onInspector: noInspector }),
    asked,
  };
}

export interface ServedChat {
  server: RunningServer;
  chat: BrowserChat["chat"];
  close(): Promise<void>;
}

/** A real session over test/support/fakeEngine.ts, which answers with the words it is asked. */
export function serveFakeEngine(): Promise<ServedChat> {
  return serveEngine(bundle("test/support/fakeEngine.ts"));
}

export async function serveEngine(engineScript: string): Promise<ServedChat> {
  const storage = mkdtempSync(path.join(tmpdir(), "rkv-lens-chat-"));
  const browserChat = await createBrowserChat({
    engineScript,
    bundledModel: "/models/fake",
    device: "cpu",
    storage,
    log: () => undefined,
  });
  const server = await startServer({
    port: 0,
    assets,
    onChat: browserChat.attach.bind(browserChat),
    onInspector: (connection, query) =>
      attachInspector(browserChat, { device: "cpu", assets, files: [] }, connection, query),
  });
  const close = async (): Promise<void> => {
    browserChat.chat.dispose();
    await server.close();
    rmSync(storage, { recursive: true, force: true, maxRetries: 5 });
  };
  return { server, chat: browserChat.chat, close };
}
