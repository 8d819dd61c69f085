/** Reading what anybody may have put in a file's place: no pipe is waited for, no device read. */
import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Something that is no file lies where a person named one; the message can be shown. */
export class NotAFileError extends Error {
  override name = "NotAFileError";
}

/** Opens what a person named. Rejects with a NotAFileError, else with the system's error. */
export function openRegularFile(name: string): Promise<FileHandle> {
  return opened(
    name,
    (kind) => new NotAFileError(`${name} is ${kind} and no file: name a file that was saved.`),
  );
}

/**
 * All of a file of ours. Rejects at once for what is no file and for more than `mostBytes`, with
 * words that fit behind the file's name; with the system's error where there is nothing.
 */
export async function readBounded(name: string, mostBytes: number): Promise<Buffer> {
  const file = await opened(name, (kind) => new Error(`it is ${kind} and no file`));
  try {
    const { size } = await file.stat();
    if (size > mostBytes)
      throw new Error(`its ${size} bytes are more than the ${mostBytes} that one may have`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

async function opened(name: string, refusal: (kind: string) => Error): Promise<FileHandle> {
  // Opening a pipe would else wait for whoever writes to it. Windows has no such flag: 0.
  const file = await open(name, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw refusal(kindOf(found));
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return "a folder";
  return found.isFIFO() ? "a pipe" : "a device";
}
