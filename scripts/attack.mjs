/**
 * npm run attack [-- T5 T9 …] [--times N] [--seed N] [--markdown]: every attack of test/attack in its
 * long form, or those named, with a table at the end. A failure is repeated by its seed.
 */
import { bundleForNode } from "./bundle.mjs";
import { exitCodeOf, setUpAndBuild } from "./setup.mjs";

await setUpAndBuild();
const outfile = "dist/attack/main.cjs";
await bundleForNode({ entryPoints: ["test/attack/main.ts"], outfile });
// Ctrl-C reaches the attacks too, which say what they have seen so far before they end.
process.on("SIGINT", () => undefined);
const args = ["--enable-source-maps", outfile, ...process.argv.slice(2)];
process.exit(exitCodeOf(process.execPath, args) ?? 1);
