/** Fetches a variant's files into the hub's cache, laid out as the Hugging Face libraries do. */
import { copyFile, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { unwritten } from "../../disk/writeError";
import { downloadFile, type DownloadOptions } from "./downloadFile";
import type { Hub, ModelVariant } from "./hub";
import { repositoryFolder } from "./hubCache";
import type { HubFile } from "./listing";

/**
 * @param report bytes done and in all
 * @returns the folder to load the model from
 */
export async function downloadVariant(
  hub: Hub,
  variant: ModelVariant,
  cache: string,
  signal: AbortSignal,
  report: (done: number, total: number) => void,
  timing: Pick<DownloadOptions, "stallMillis" | "retryMillis"> = {},
): Promise<string> {
  const repository = path.join(cache, repositoryFolder(variant.repository));
  const snapshot = path.join(repository, "snapshots", variant.commit);
  const total = variant.files.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const file of variant.files) {
    const blob = path.join(repository, "blobs", file.blob);
    await downloadFile(file, blob, {
      ...timing,
      signal,
      fetchFrom: (from, stall) => hub.fetchFile(variant, file.path, from, stall),
      onProgress: (bytes) => report(before + bytes, total),
    });
    await place(file, blob, snapshot);
    before += file.size;
  }
  // Not private: other libraries, and other accounts that share the cache, read it as well.
  const main = path.join(repository, "refs", "main");
  await mkdir(path.dirname(main), { recursive: true }).catch(unwritten(main));
  await writeFile(main, variant.commit).catch(unwritten(main));
  return snapshot;
}

/** A link to the blob, or a copy where links are not allowed. */
async function place(file: HubFile, blob: string, snapshot: string): Promise<void> {
  const target = path.join(snapshot, ...file.path.split("/"));
  await mkdir(path.dirname(target), { recursive: true }).catch(unwritten(target));
  try {
    await symlink(path.relative(path.dirname(target), blob), target);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return;
    await copyWhole(blob, target).catch(unwritten(target));
  }
}

async function copyWhole(from: string, to: string): Promise<void> {
  const draft = `${to}.incomplete`;
  try {
    await copyFile(from, draft);
    await rename(draft, to);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
