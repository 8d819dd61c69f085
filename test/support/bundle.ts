/**
 * Bundles a TypeScript file of this repository so that a test can run it as a process. In a folder
 * of this repository it finds ONNX Runtime.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";

export function bundle(
  entry: string,
  folder = mkdtempSync(path.join(os.tmpdir(), "rkv-lens-test-")),
): string {
  const outfile = path.join(folder, path.basename(entry).replace(/\.ts$/, ".js"));
  execFileSync(process.execPath, [
    "node_modules/esbuild/bin/esbuild",
    entry,
    "--bundle",
    "--platform=node",
    "--format=cjs",
    "--log-level=error",
    "--external:onnxruntime-node",
    `--outfile=${outfile}`,
  ]);
  return outfile;
}
