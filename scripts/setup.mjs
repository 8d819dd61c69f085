/** What npm start and npm test do first on a fresh clone: install and build, if that is stale. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

const stamp = "dist/.built";
const sources = ["src", "webview", "esbuild.mjs", "package-lock.json"];

/** Runs a command with this one's output; true if it ended well. */
export function succeeds(command, args, environment = {}) {
  return exitCodeOf(command, args, environment) === 0;
}

/** As `succeeds`; null where it could not be run or was ended by a signal. */
export function exitCodeOf(command, args, environment = {}) {
  const { status, error } = spawnSync(command, args, {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...environment },
    // On Windows npm is a script, which only a shell starts; one would cut node's path at its space.
    shell: process.platform === "win32" && command === "npm",
  });
  if (error) console.error(`Could not run ${command}: ${error.message}`);
  return status;
}

/**
 * Goes to the root and installs exactly what package-lock.json names, unless that is what lies in
 * node_modules. Ends the process where it cannot.
 */
export function setUp() {
  process.chdir(path.join(import.meta.dirname, ".."));
  if (isInstalled()) return;
  console.error("Installing packages from the npm registry …");
  if (succeeds("npm", ["ci", "--include=dev"])) return;
  console.error("The install failed; check the connection to the npm registry and run this again.");
  process.exit(1);
}

/** As `setUp`, and builds dist/ where it is stale. */
export async function setUpAndBuild() {
  setUp();
  if (!(await buildIfStale())) process.exit(1);
}

function isInstalled() {
  if (!existsSync("node_modules/.package-lock.json")) return false;
  const wanted = JSON.parse(readFileSync("package-lock.json", "utf8")).packages;
  const present = JSON.parse(readFileSync("node_modules/.package-lock.json", "utf8")).packages;
  return Object.entries(wanted).every(
    ([folder, { version, optional, devOptional }]) =>
      folder === "" ||
      present[folder]?.version === version ||
      (!present[folder] && (optional || devOptional)),
  );
}

/** Builds dist/ unless it is younger than all sources; false if that failed. Call after setUp. */
export async function buildIfStale() {
  const newest = Math.max(...sources.map(newestChange));
  if (existsSync(stamp) && Number(readFileSync(stamp, "utf8")) >= newest) return true;
  const { buildAll } = await import("../esbuild.mjs");
  try {
    await buildAll();
  } catch {
    console.error("The build failed; esbuild's messages above name the place.");
    return false;
  }
  mkdirSync("dist", { recursive: true });
  writeFileSync(stamp, String(newest));
  return true;
}

function newestChange(place) {
  const { mtimeMs } = statSync(place);
  if (!statSync(place).isDirectory()) return mtimeMs;
  return Math.max(
    mtimeMs,
    ...readdirSync(place).map((name) => newestChange(path.join(place, name))),
  );
}
