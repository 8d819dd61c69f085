/**
 * npm run test:vscode: packs the extension for this platform, installs VS Code from npm packages
 * (once, about 800 MB in node_modules/.cache) and drives it with a browser. With names of files of
 * test/vscode (`-- restricted`) it runs those alone.
 */
import { rm } from "node:fs/promises";
import path from "node:path";
import { bundleForNode } from "./bundle.mjs";
import { setUp, succeeds } from "./setup.mjs";

const always = ["installed", "inVsCode", "restricted", "cycles"];

setUp();
const target = `${process.platform}-${process.arch}`;
if (target !== "linux-x64") {
  console.error(`VS Code's npm packages run on linux-x64 only, and this is ${target}.`);
  process.exit(1);
}
const named = process.argv.slice(2);
const files = named.length > 0 ? named : always;
const outdir = `dist/test-vscode-${process.pid}`;
if (!succeeds(process.execPath, ["scripts/package.mjs", target])) process.exit(1);
await bundleForNode({ entryPoints: files.map((file) => `test/vscode/${file}.ts`), outdir });
const bundles = files.map((file) => path.join(outdir, `${file}.js`));
const options = ["--enable-source-maps", "--test", "--test-concurrency=1"];
const passed = succeeds(process.execPath, [...options, "--test-reporter=spec", ...bundles]);
await rm(outdir, { recursive: true, force: true });
process.exit(passed ? 0 : 1);
