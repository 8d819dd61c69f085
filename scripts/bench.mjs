/** `npm run bench -- attention` (or any other of bench/): runs one measurement of bench/ and prints its table. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { bundleForNode } from "./bundle.mjs";
import { setUpAndBuild, succeeds } from "./setup.mjs";

const [name, ...rest] = process.argv.slice(2);
const names = readdirSync(path.join(import.meta.dirname, "../bench"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => path.parse(file).name);
if (!names.includes(name)) {
  console.error(`Name what to measure: ${names.join(" or ")}.`);
  process.exit(2);
}
await setUpAndBuild();
const outfile = `dist/bench/${name}.cjs`;
await bundleForNode({ entryPoints: [`bench/${name}.ts`], outfile });
process.exit(succeeds(process.execPath, [outfile, ...rest]) ? 0 : 1);
