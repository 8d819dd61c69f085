/**
 * WebGPU without a GPU: the Vulkan driver SwiftShader out of the npm package @sparticuz/chromium.
 * A driver is chosen before a process starts, so a WebGPU test re-runs its own file in a child.
 */
import { spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { brotliDecompressSync } from "node:zlib";

const archive = "node_modules/@sparticuz/chromium/bin/swiftshader.tar.br";
const underSwiftshader = "RKV_LENS_SWIFTSHADER";

/** The reason for which WebGPU cannot be tested here, or false: what test's `skip` option takes. */
export function cannotTestWebGpu(): string | false {
  if (process.platform !== "linux" || process.arch !== "x64")
    return "SwiftShader is packaged for Linux on x64 only";
  return existsSync(archive) ? false : `${archive} is missing: run npm ci`;
}

export function isUnderSwiftshader(): boolean {
  return process.env[underSwiftshader] === "1";
}

/** The environment in which a child process finds SwiftShader as its only Vulkan driver. */
function swiftshaderEnvironment(): NodeJS.ProcessEnv {
  const folder = unpacked();
  return {
    ...process.env,
    VK_ICD_FILENAMES: path.join(folder, "vk_swiftshader_icd.json"),
    LD_LIBRARY_PATH: folder,
    [underSwiftshader]: "1",
  };
}

/** Runs a bundled test file again, under SwiftShader. Throws with its output if it fails. */
export function runUnderSwiftshader(testFile: string): void {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ["--test", testFile], {
    env: { ...swiftshaderEnvironment(), NODE_TEST_CONTEXT: undefined },
    encoding: "utf8",
    timeout: 300_000,
  });
  if (status !== 0) throw new Error(`exit ${status ?? signal}\n${stdout}\n${stderr}`);
}

/**
 * Runs a bundled script under SwiftShader. Returns its output, and its standard error by way of a
 * file: ONNX Runtime's log is long, and a pipe that is full loses lines.
 */
export async function outputUnderSwiftshader(script: string, ...args: string[]) {
  const folder = mkdtempSync(path.join(tmpdir(), "rkv-lens-log-"));
  const logFile = path.join(folder, "log");
  const log = openSync(logFile, "w");
  try {
    const child = spawn(process.execPath, [script, ...args], {
      env: { ...swiftshaderEnvironment(), NODE_TEST_CONTEXT: undefined },
      stdio: ["ignore", "pipe", log],
      timeout: 300_000,
    });
    const stdout = child.stdout ? await text(child.stdout) : "";
    return { stdout, log: readFileSync(logFile, "utf8") };
  } finally {
    closeSync(log);
    rmSync(folder, { recursive: true });
  }
}

function unpacked(): string {
  const folder = path.join(tmpdir(), "rkv-lens-swiftshader");
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  for (const { name, data } of filesOfTar(brotliDecompressSync(readFileSync(archive))))
    writeFileSync(path.join(fresh, path.basename(name)), data);
  try {
    renameSync(fresh, folder);
  } catch {
    rmSync(fresh, { recursive: true });
  }
  return folder;
}

function* filesOfTar(tar: Buffer): Generator<{ name: string; data: Buffer }> {
  const blockBytes = 512;
  for (let at = 0; tar[at];) {
    const text = (from: number, to: number) =>
      tar.toString("latin1", at + from, at + to).replace(/\0.*$/s, "");
    const size = parseInt(text(124, 136), 8);
    const start = at + blockBytes;
    const isFile = text(156, 157) === "0" || text(156, 157) === "";
    if (isFile) yield { name: text(0, 100), data: tar.subarray(start, start + size) };
    at = start + Math.ceil(size / blockBytes) * blockBytes;
  }
}
