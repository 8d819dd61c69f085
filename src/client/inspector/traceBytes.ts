/**
 * A trace file for an inspector. It is opened anew for each question, so that a view that stays open
 * holds no file. Nothing here knows what the bytes mean.
 */
import type { FileHandle } from "node:fs/promises";
import { openRegularFile } from "../../disk/regularFile";
import { bytesInMemory, bytesOfFile, type ByteSource } from "../../shared/trace/byteSource";
import type { ByteRange } from "../../shared/wire/inspectorApi";

/** A trace that a view is shown, by an id that says nothing of where it lies. */
export interface OpenTrace {
  id: string;
  name: string;
  bytes: TraceBytes;
  /** True while a run is still writing it. */
  isLive: () => boolean;
}

export interface TraceBytes {
  /** Bytes there are now. */
  size(): Promise<number>;
  /** The bytes of each range; fewer where the file ends. */
  readAll(ranges: readonly ByteRange[]): Promise<ArrayBuffer[]>;
}

/** Reading rejects with a NotAFileError for what is no file, else with the system's error. */
export function fileBytes(name: string): TraceBytes {
  return {
    size: () => withFile(name, (file) => bytesOfFile(file).size()),
    readAll: (ranges) => withFile(name, (file) => eachOf(bytesOfFile(file), ranges)),
  };
}

/** Of a trace that is no file of this machine. */
export function heldBytes(bytes: Uint8Array): TraceBytes {
  const source = bytesInMemory(bytes);
  return { size: () => source.size(), readAll: (ranges) => eachOf(source, ranges) };
}

async function eachOf(source: ByteSource, ranges: readonly ByteRange[]): Promise<ArrayBuffer[]> {
  const read: ArrayBuffer[] = [];
  for (const { offset, length } of ranges) read.push(await source.read(offset, length));
  return read;
}

async function withFile<T>(name: string, ask: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await openRegularFile(name);
  try {
    return await ask(file);
  } finally {
    await file.close();
  }
}
