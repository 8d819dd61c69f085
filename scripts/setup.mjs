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
    shell: process.platform === "win32",
  });
  if (error) console.error(`Could not run ${command}: ${error.message}`);
  return status;
}

/** Installs exactly what package-lock.json names, unless that is what lies in node_modules. */
export function installIfStale() {
  if (isInstalled()) return true;
  console.error("Installing packages from the npm registry …");
  if (succeeds("npm", ["ci", "--include=dev"])) return true;
  console.error("The install failed; check the connection to the npm registry and run this again.");
  return false;
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

/** Builds dist/ unless it is younger than all sources. Call after installIfStale. */
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
