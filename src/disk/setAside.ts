/** What cannot be used is neither deleted nor overwritten: it gets another name, which is told. */
import { lstat, rename } from "node:fs/promises";
import path from "node:path";
import { reasonOf } from "../shared/reasonOf";
import { codeOf, hasCode } from "./errorCode";
import { makePrivateFolder } from "./privateFiles";

/** Takes one sentence for the person. */
export type Tell = (sentence: string) => void;

/** Never rejects; what another process has moved already is not told again. */
async function setAside(file: string, why: unknown, tell: Tell): Promise<void> {
  const damage = `${file} cannot be used (${reasonOf(why)})`;
  try {
    const place = await freeName(file);
    await rename(file, place);
    tell(`${damage}. It is kept as ${path.basename(place)}; the rest is loaded.`);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    tell(`${damage}, nor set aside (${reasonOf(error)}): move it away. The rest is loaded.`);
  }
}

/** Sets a file aside that could not be read, unless the system was the reason, not the file. */
export async function setAsideIfDamaged(file: string, error: unknown, tell: Tell): Promise<void> {
  if (!(await isThere(file).catch(() => true))) return;
  if (isDamage(error)) return setAside(file, error, tell);
  tell(
    `${file} cannot be read now (${reasonOf(error)}) and stays where it is; the rest is loaded.`,
  );
}

/** Makes a private folder; what lies in its place and is none is set aside. */
export async function ownFolder(folder: string, tell: Tell): Promise<void> {
  try {
    await makePrivateFolder(folder);
  } catch (error) {
    if (!(await isThere(folder).catch(() => false))) throw error;
    await setAside(folder, "it is no folder", tell);
    await makePrivateFolder(folder);
  }
}

/** An error without a code is about what was read; of the system's, these are about the file. */
function isDamage(error: unknown): boolean {
  const code = codeOf(error);
  return code === undefined || ["ENOENT", "ELOOP", "ENXIO", "EISDIR"].includes(code);
}

async function freeName(file: string): Promise<string> {
  for (let number = 1; ; number++) {
    const place = `${file}.damaged-${number}`;
    if (!(await isThere(place))) return place;
  }
}

/** True for a link that leads nowhere too. */
async function isThere(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}
