/** What attacks make engines remember is no concern of the person whose machine this is. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Engines that this process starts from now on keep their caches in a folder of its own. */
export function useOwnCaches(): void {
  const folder = mkdtempSync(path.join(tmpdir(), "rkv-caches-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const name = { win32: "LOCALAPPDATA", darwin: "HOME" }[process.platform as string];
  process.env[name ?? "XDG_CACHE_HOME"] = folder;
}
