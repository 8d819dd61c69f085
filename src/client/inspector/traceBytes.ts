/**
 * A trace file for an inspector. It is opened anew for each question, so that a view that stays open
 * holds no file. Nothing here knows what the bytes mean.
 */
import type { FileHandle } from "node:fs/promises";
import { openRegularFile } from "../../disk/regularFile";
import { type ByteSource, bytesOfFile } from "../../shared/trace/byteSource";

/** A trace that a view is shown, by an id that says nothing of where it lies. */
export interface OpenTrace {
  id: string;
  name: string;
  bytes: ByteSource;
  /** True while a run is still writing it. */
  isLive: () => boolean;
}

/** Reading rejects with a NotAFileError for what is no file, else with the system's error. */
export function fileBytes(name: string): ByteSource {
  return {
    size: () => withFile(name, (file) => bytesOfFile(file).size()),
    read: (offset, length) => withFile(name, (file) => bytesOfFile(file).read(offset, length)),
  };
}

async function withFile<T>(name: string, ask: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await openRegularFile(name);
  try {
    return await ask(file);
  } finally {
    await file.close();
  }
}
