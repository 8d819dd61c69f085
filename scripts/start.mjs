/**
 * npm start: with a question or a command it runs the CLI, without one the browser host.
 * Sets itself up on a fresh clone.
 */
import { spawn } from "node:child_process";
import path from "node:path";
import { setUpAndBuild } from "./setup.mjs";

const commands = ["run", "check", "verify", "eval", "trace", "replay", "serve", "help", "--help"];

// Files named by the user are relative to where npm was called, which npm keeps in INIT_CWD.
const calledFrom = process.env.INIT_CWD ?? process.cwd();
await setUpAndBuild();

const cli = spawn(
  process.execPath,
  [path.resolve("dist/cli.js"), ...cliArguments(process.argv.slice(2))],
  { cwd: calledFrom, stdio: "inherit" },
);
// Ctrl-C reaches the CLI by itself; this process stays to pass on how it ended.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => cli.kill("SIGTERM"));
cli.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));

function cliArguments(given) {
  if (given.length === 0) return ["serve"];
  return commands.includes(given[0]) ? given : ["run", ...given];
}
