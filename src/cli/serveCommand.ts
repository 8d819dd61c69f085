import { existsSync } from "node:fs";
import path from "node:path";
import type { Command } from "./arguments";
import { bundledModel, deviceOf, deviceOption, existingModel, modelOption } from "./engine";
import { exitCodes, UsageError } from "./exitCodes";
import { openBrowser } from "./serve/openBrowser";
import { defaultStorage, serveBrowser } from "./serve/serve";

export const serveCommand: Command = {
  name: "serve",
  operands: "[TRACE [TRACE]]",
  summary:
    "Chat and inspector in a browser, on this machine only. With one trace file, the inspector\nshows it; with two, side by side.",
  options: {
    port: { value: "N", help: "Port on 127.0.0.1 (default: any that is free)." },
    model: modelOption,
    device: deviceOption,
    storage: { value: "DIR", help: "Where conversations and traces are kept." },
    "no-open": { help: "Print the address and do not open a browser." },
  },
  run: async (args) => {
    const model = args.text("model");
    const server = await serveBrowser({
      port: args.integer("port", [0, 65_535]) ?? 0,
      model: model === undefined ? undefined : existingModel(model),
      device: deviceOf(args),
      storage: path.resolve(args.text("storage") ?? defaultStorage()),
      bundles: __dirname,
      bundledModel,
      files: tracesOf(args.operands),
      log: (text) => process.stderr.write(text),
    });
    console.log(`R-KV Lens is at ${server.address}`);
    if (!args.flag("no-open")) openBrowser(server.address);
    await new Promise<void>((resolve) => {
      process.once("SIGINT", resolve);
      process.once("SIGTERM", resolve);
    });
    await server.close();
    return exitCodes.done;
  },
};

function tracesOf(given: string[]): string[] {
  if (given.length > 2) throw new UsageError("Give at most two traces: serve TRACE TRACE.");
  const missing = given.find((file) => !existsSync(file));
  if (missing !== undefined) throw new UsageError(`There is no file “${missing}”.`);
  return given.map((file) => path.resolve(file));
}
