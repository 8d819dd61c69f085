/**
 * npm run test:vscode: packs the extension for this platform, installs VS Code from npm packages
 * (once, about 700 MB in node_modules/.cache) and drives it with a browser. With the word `cycles`
 * it reloads, hides and moves the chat in mid-stream, 51 times, which takes a quarter of an hour.
 */
import { rm } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { installIfStale, succeeds } from "./setup.mjs";

process.chdir(path.join(import.meta.dirname, ".."));
if (!installIfStale()) process.exit(1);
const target = `${process.platform}-${process.arch}`;
if (target !== "linux-x64") {
  console.error(`VS Code's npm packages run on linux-x64 only, and this is ${target}.`);
  process.exit(1);
}
const outfile = "dist/test-vscode.cjs";
if (!succeeds(process.execPath, ["scripts/package.mjs", target])) process.exit(1);
await build({
  entryPoints: [`test/vscode/${process.argv[2] ?? "inVsCode"}.ts`],
  outfile,
  bundle: true,
  platform: "node",
  format: "cjs",
  sourcemap: "inline",
  logLevel: "warning",
  external: ["playwright-core", "@vscode/vsce"],
});
const passed = succeeds(process.execPath, ["--enable-source-maps", "--test", outfile]);
await rm(outfile, { force: true });
process.exit(passed ? 0 : 1);
