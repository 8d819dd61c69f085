/** Files that a person names: a pipe or a device in a file's place is refused before it is read. */
import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Something that is no file lies there; the message can be shown. */
export class NotAFileError extends Error {
  override name = "NotAFileError";
}

/**
 * Opens it for reading. Rejects with a NotAFileError, and never waits for a pipe's other end; else
 * with the system's error.
 */
export async function openRegularFile(name: string): Promise<FileHandle> {
  const file = await open(name, constants.O_RDONLY | constants.O_NONBLOCK); // Windows has none: 0.
  try {
    refuseOther(name, await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Throws a NotAFileError for what is no file. */
export function refuseOther(name: string, found: Stats): void {
  if (!found.isFile())
    throw new NotAFileError(`${name} is ${kindOf(found)} and no file: name a file that was saved.`);
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return "a folder";
  return found.isFIFO() ? "a pipe" : "a device";
}
