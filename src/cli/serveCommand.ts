import path from "node:path";
import { makePrivateFolder } from "../disk/privateFiles";
import { reasonOf } from "../shared/reasonOf";
import type { Command } from "./arguments";
import {
  bundledModel,
  deviceOf,
  deviceOption,
  existingModel,
  existingTrace,
  fullActivationsOption,
  modelOption,
} from "./engine";
import { exitCodes, UsageError } from "./exitCodes";
import { openBrowser } from "./serve/openBrowser";
import { openingMinutes } from "./serve/openingTokens";
import { defaultStorage, serveBrowser } from "./serve/serve";
import type { RunningServer } from "./serve/server";
import { aside, goOnUnread, output } from "./terminal";

export const serveCommand: Command = {
  name: "serve",
  operands: "[TRACE [TRACE]]",
  summary:
    "Chat and inspector in a browser, on this machine only. With one trace file, the inspector\nshows it; with two, side by side.",
  options: {
    port: { value: "N", help: "Port on 127.0.0.1 (default: any that is free)." },
    model: modelOption,
    device: deviceOption,
    "full-activations": fullActivationsOption,
    storage: { value: "DIR", help: "Where conversations and traces are kept." },
    "no-open": { help: "Print the address and do not open a browser." },
  },
  notes: `The address that is printed opens one browser, once, within ${openingMinutes} minutes; when it is asked for again,
a new one is printed.`,
  run: async (args) => {
    const model = args.text("model");
    goOnUnread();
    const server = await serveBrowser({
      port: args.integer("port", [0, 65_535]) ?? 0,
      model: model === undefined ? undefined : existingModel(model),
      device: deviceOf(args),
      fullActivations: args.flag("full-activations"),
      storage: await storageFolder(args.text("storage")),
      bundles: __dirname,
      bundledModel,
      files: tracesOf(args.operands),
      show: (address) => output.say(`R-KV Lens is at ${address}`),
      log: (text) => aside.write(text),
    });
    const forgetPage = args.flag("no-open") ? undefined : await openPage(server);
    await new Promise<void>((resolve) => {
      process.once("SIGINT", resolve);
      process.once("SIGTERM", resolve);
    });
    await forgetPage?.();
    await server.close();
    return exitCodes.done;
  },
};

/** The usual folder is ours alone; one that was named may be anybody's and stays as it is. */
async function storageFolder(named: string | undefined): Promise<string> {
  if (named !== undefined) return path.resolve(named);
  await makePrivateFolder(defaultStorage()).catch(() => undefined); // The chat says so.
  return defaultStorage();
}

async function openPage(server: RunningServer): Promise<(() => Promise<void>) | undefined> {
  try {
    return await openBrowser(server.newAddress());
  } catch (error) {
    aside.say(`No browser is opened (${reasonOf(error)}): open the address above.`);
    return undefined;
  }
}

function tracesOf(given: string[]): string[] {
  if (given.length > 2) throw new UsageError("Give at most two traces: serve TRACE TRACE.");
  return given.map(existingTrace);
}
