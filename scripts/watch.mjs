/**
 * npm run watch: builds every bundle, and again with each change, until it is ended. What F5 in
 * VS Code starts first, on a fresh clone too.
 */
import { setUp } from "./setup.mjs";

setUp();
const { watchAll } = await import("../esbuild.mjs");
await watchAll();
