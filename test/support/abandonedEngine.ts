/** A host of its own whose engine hangs: what becomes of the engine when the host is killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { bundle } from "./bundle";
import { within } from "./within";

export interface Abandoned {
  host: ChildProcess;
  engine: number;
}

let hostScript: string | undefined;

/** Resolves when the engine hangs, on a model that makes `engineScript` do so. */
export async function abandonEngine(engineScript: string, folder: string): Promise<Abandoned> {
  hostScript ??= bundle("test/support/abandonEngine.ts");
  const host = spawn(process.execPath, [hostScript, engineScript, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const told = once(host.stdout, "data") as Promise<[Buffer]>;
  const [data] = await within(60_000, "an engine that hangs", told);
  return { host, engine: Number(data.toString()) };
}
