/**
 * Fetches one file so that it is there whole or not at all: goes on where it was cut, sees a stall,
 * hashes what it gets, and gives the file its name only when size and hash are right.
 */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { hasCode } from "../../disk/errorCode";
import { FileLock } from "../../disk/fileLock";
import { bytes } from "../../shared/units";
import { WriteError } from "../../disk/writeError";
import { explainStatus } from "./hubConnection";
import type { HubFile } from "./listing";
import { UnreachableError } from "./unreachable";

export interface DownloadOptions {
  /** Asks for the file from a byte on. */
  fetchFrom: (from: number, signal: AbortSignal) => Promise<Response>;
  signal: AbortSignal;
  /** Bytes of this file that are there, those of an earlier try included. */
  onProgress: (bytes: number) => void;
  /** Milliseconds without a byte after which a connection counts as dead. */
  stallMillis?: number;
  /** Milliseconds before the first new try; doubled for each further one. */
  retryMillis?: number;
}

const mostTries = 6;

/** Something that another try would not change. */
class FinalError extends Error {}

/**
 * Does nothing where a file of that size lies there already. Rejects with an Error to be shown, or
 * with the signal's reason; what has come is kept for the next time, unless it was wrong.
 */
export async function downloadFile(
  file: HubFile,
  target: string,
  options: DownloadOptions,
): Promise<void> {
  if (await isThere(target, file.size)) return options.onProgress(file.size);
  try {
    await mkdir(path.dirname(target), { recursive: true });
    const lock = await FileLock.take(target);
    if (!lock)
      throw new Error("Another window is downloading this model: wait for it, or cancel it there.");
    try {
      await fetchWithRetries(file, `${target}.incomplete`, options);
      await rename(`${target}.incomplete`, target);
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw explainDisk(error, target, file.size);
  }
}

async function fetchWithRetries(
  file: HubFile,
  part: string,
  options: DownloadOptions,
): Promise<void> {
  let failures = 0;
  let furthest = await sizeOf(part);
  for (;;) {
    try {
      return await fetchRest(file, part, options);
    } catch (error) {
      options.signal.throwIfAborted();
      if (error instanceof FinalError || isDiskError(error)) throw error;
      const size = await sizeOf(part);
      failures = size > furthest ? 1 : failures + 1;
      furthest = Math.max(furthest, size);
      if (failures >= mostTries)
        throw new Error(
          `${file.path} could not be fetched in ${mostTries} tries (${wordsOf(error).replace(/\.$/, "")}): try again later, and it goes on where it was.`,
          { cause: error },
        );
      const wait = (options.retryMillis ?? 1_000) * 2 ** (failures - 1);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

async function fetchRest(file: HubFile, part: string, options: DownloadOptions): Promise<void> {
  const present = await sizeOf(part);
  const from = present < file.size ? present : 0;
  const stall = new Stall(options.signal, options.stallMillis ?? 30_000);
  try {
    const response = await options.fetchFrom(from, stall.signal);
    const start = startOf(response, from, file);
    const hash = hashOf(file);
    if (start > 0) await addFile(hash, part);
    const handle = await open(part, start > 0 ? "a" : "w");
    try {
      const pieces = piecesOf(response, file.size - start, stall);
      const size = await receive(pieces, handle, hash, start, options.onProgress);
      if (size < file.size)
        throw new Error(`the connection ended at ${size} of ${file.size} bytes`);
      await handle.sync();
      await verify(file, part, size, hash);
    } finally {
      await handle.close();
    }
  } finally {
    stall.end();
  }
}

/** Byte that the answer begins with. A server may answer a range with the whole file. */
function startOf(response: Response, from: number, file: HubFile): number {
  if (response.status === 206) {
    const range = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
    if (Number(range?.[1]) === from) return from;
    throw new Error(`the hub sent another part of ${file.path} than was asked for`);
  }
  if (response.status === 200) return 0;
  const message = explainStatus(response.status, file.path);
  const isPassing = response.status === 429 || response.status >= 500;
  throw isPassing ? new Error(message) : new FinalError(message);
}

/** The body as it comes; of one that is longer than `most` bytes, one byte more, and its end. */
async function* piecesOf(
  { body }: Response,
  most: number,
  stall: Stall,
): AsyncGenerator<Uint8Array> {
  let left = most + 1;
  for await (const piece of (body ?? []) as AsyncIterable<Uint8Array>) {
    stall.heard();
    yield piece.subarray(0, left);
    left -= piece.byteLength;
    if (left <= 0) return;
  }
}

/** Returns the file's size as it is then. */
async function receive(
  pieces: AsyncIterable<Uint8Array>,
  handle: FileHandle,
  hash: Hash,
  start: number,
  onProgress: (bytes: number) => void,
): Promise<number> {
  let size = start;
  for await (const chunk of pieces) {
    await handle.appendFile(chunk);
    hash.update(chunk);
    size += chunk.byteLength;
    onProgress(size);
  }
  return size;
}

/** Of what names the file's content: sha256, or git's SHA-1 over a header and the content. */
function hashOf({ blob, size }: HubFile): Hash {
  return blob.length === 64 ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`);
}

async function verify(file: HubFile, part: string, size: number, hash: Hash): Promise<void> {
  const isWhole = size === file.size;
  if (isWhole && hash.digest("hex") === file.blob) return;
  await rm(part, { force: true });
  throw new FinalError(
    `${file.path} arrived with other content than the hub announced (its ${isWhole ? "hash" : "size"} differs) and was thrown away: try again, or check the setting rkv.hub.endpoint.`,
  );
}

/** Aborts what hears nothing for too long. */
class Stall {
  private readonly abort = new AbortController();
  readonly signal: AbortSignal;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    outer: AbortSignal,
    private readonly millis: number,
  ) {
    this.signal = AbortSignal.any([outer, this.abort.signal]);
    this.heard();
  }

  heard(): void {
    clearTimeout(this.timer);
    const reason = new Error(`nothing came for ${this.millis / 1000} s`);
    this.timer = setTimeout(() => this.abort.abort(reason), this.millis);
  }

  /** Also ends what may still be coming. */
  end(): void {
    clearTimeout(this.timer);
    this.abort.abort();
  }
}

async function addFile(hash: Hash, file: string): Promise<void> {
  const chunks = createReadStream(file) as AsyncIterable<Uint8Array>;
  for await (const chunk of chunks) hash.update(chunk);
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

async function isThere(file: string, size: number): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found?.size === size;
}

function explainDisk(error: unknown, target: string, size: number): unknown {
  if (!isDiskError(error)) return error;
  const needed = `it needs ${bytes(size)} of free space in a folder that you may write to`;
  return new WriteError(target, error, needed);
}

function isDiskError(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EFBIG", "EACCES", "EROFS", "EPERM"].some((code) =>
    hasCode(error, code),
  );
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof UnreachableError) return error.message;
  return error.cause instanceof Error ? error.cause.message : error.message;
}
