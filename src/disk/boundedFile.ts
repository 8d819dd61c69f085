/** Reads what anybody may have put in a file's place, without waiting and without filling memory. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";

/**
 * Rejects at once for what is no file (a folder, a pipe, a device) and for more than `mostBytes`,
 * which are not read; with the system's error where there is nothing.
 */
export async function readBounded(file: string, mostBytes: number): Promise<Buffer> {
  // Opening a pipe would else wait for whoever writes to it.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new Error("it is no file");
    if (found.size > mostBytes)
      throw new Error(`its ${found.size} bytes are more than the ${mostBytes} that one may have`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
