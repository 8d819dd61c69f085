/** Bundles a TypeScript file of this repository so that a test can run it as a process. */
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";

export function bundle(entry: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "rkv-lens-test-"));
  const outfile = path.join(folder, path.basename(entry).replace(/\.ts$/, ".js"));
  execFileSync(process.execPath, [
    "node_modules/esbuild/bin/esbuild",
    entry,
    "--bundle",
    "--platform=node",
    "--format=cjs",
    "--log-level=error",
    `--outfile=${outfile}`,
  ]);
  return outfile;
}
