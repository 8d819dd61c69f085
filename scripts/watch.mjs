/**
 * npm run watch: builds every bundle, and again with each change, until it is ended. What F5 in
 * VS Code starts first, on a fresh clone too.
 */
import path from "node:path";
import { installIfStale } from "./setup.mjs";

process.chdir(path.join(import.meta.dirname, ".."));
if (!installIfStale()) process.exit(1);
const { watchAll } = await import("../esbuild.mjs");
await watchAll();
