/**
 * Folders and files that only this person's account can read: what was asked and answered is nobody
 * else's business. Windows has no such modes; there a profile is closed to other accounts already.
 */
import { chmod, type FileHandle, mkdir, open } from "node:fs/promises";

const folderMode = 0o700;
const fileMode = 0o600;

/** Makes a folder of ours, and closes one that an older version left open to others. */
export async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: folderMode });
  // A disk without modes, or a folder that another account lends, can still be used.
  await chmod(folder, folderMode).catch(() => undefined);
}

/** A folder for a private file; one that is there already may be anybody's and stays as it is. */
export async function makeFolderFor(parent: string): Promise<void> {
  await mkdir(parent, { recursive: true, mode: folderMode });
}

/** As `open`; a file that this makes is private. */
export function openPrivate(file: string, flags: "w" | "wx"): Promise<FileHandle> {
  return open(file, flags, fileMode);
}
