/** The `serve` command: the chat and the inspector in any browser of this machine. */
import { homedir } from "node:os";
import path from "node:path";
import type { DeviceChoice } from "../../shared/settings/settings";
import { createBrowserChat } from "./browserChat";
import { attachInspector } from "./browserInspector";
import { type RunningServer, startServer } from "./server";

export interface ServeOptions {
  /** 0 takes any that is free. */
  port: number;
  model?: string;
  device: DeviceChoice;
  fullActivations?: boolean;
  /** Conversations, traces and choices lie here. */
  storage: string;
  /** The folder of the bundles, dist. */
  bundles: string;
  bundledModel: string;
  /** Trace files to be shown in place of the chat. */
  files: string[];
  /** Shows the person an address that opens the first page; called anew when that is spent. */
  show: (address: string) => void;
  log: (text: string) => void;
}

/** Serves until it is closed; the engine process ends with it. */
export async function serveBrowser(options: ServeOptions): Promise<RunningServer> {
  const { port, device, bundles, files, show } = options;
  const assets = path.join(bundles, "webview");
  const browserChat = await createBrowserChat({
    ...options,
    engineScript: path.join(bundles, "engine.js"),
  });
  const server: RunningServer = await startServer({
    port,
    assets,
    onChat: (connection) => browserChat.attach(connection),
    onInspector: (connection, query) =>
      attachInspector(browserChat, { device, assets, files }, connection, query),
    onStranger: () => {
      if (server.stillOpens(shown)) return;
      shown = newAddress();
      show(shown);
    },
  });
  const newAddress = (): string => server.newAddress(files.length > 0 ? "/inspector" : "/");
  let shown = newAddress();
  show(shown);
  return {
    ...server,
    newAddress,
    close: async () => {
      browserChat.chat.dispose();
      await server.close();
    },
  };
}

/** Where a program keeps a person's data on this system. */
export function defaultStorage(environment: NodeJS.ProcessEnv = process.env): string {
  const places = [environment.XDG_DATA_HOME, environment.LOCALAPPDATA];
  const place = places.find((folder) => folder !== undefined && path.isAbsolute(folder));
  return path.join(place ?? path.join(homedir(), ".local", "share"), "rkv-lens");
}
