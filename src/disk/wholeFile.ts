/** Small files that survive a crash: they are there whole, as they were before, or not at all. */
import { randomUUID } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import path from "node:path";
import { WriteError } from "./writeError";
import { makeFolderFor, openPrivate } from "./privateFiles";

/** The file is private, and so is every folder that had to be made for it. Rejects with a WriteError. */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const draft = `${file}.${randomUUID()}.tmp`;
  try {
    await makeFolderFor(path.dirname(file));
    const handle = await openPrivate(draft, "wx");
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw new WriteError(file, error);
  }
}
