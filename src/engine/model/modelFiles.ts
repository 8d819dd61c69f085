/**
 * Reading the small files beside a model's weights. They come from strangers: each has a size
 * limit, must be a plain file inside the model's folder (or in the blobs of the Hugging Face cache
 * that the folder belongs to), and no error quotes what stands in it.
 */
import type { Stats } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import type * as z from "zod";

/** One sentence a person can act on; shown as it is. */
export class ModelFolderError extends Error {
  override readonly name = "ModelFolderError";
}

/** Bytes; a larger file is refused. */
export const fileLimits = {
  tokenizer: 64 << 20,
  template: 64 << 10,
  json: 4 << 20,
} as const;

/** Folders that belong to one model; the first one that has a file wins. */
export class ModelFiles {
  constructor(readonly folders: string[]) {}

  /** Path of a plain file of at most `limit` bytes, or undefined where there is none. */
  async find(name: string, limit: number): Promise<string | undefined> {
    for (const folder of this.folders) {
      const path = join(folder, name);
      const size = await plainFileSize(path, this.folders);
      if (size === undefined) continue;
      if (size <= limit) return path;
      throw new ModelFolderError(
        `${path} is ${inMegabytes(size)} and at most ${inMegabytes(limit)} is read: get the file from the model's publisher again.`,
      );
    }
    return undefined;
  }

  async text(name: string, limit: number): Promise<string | undefined> {
    const path = await this.find(name, limit);
    return path === undefined ? undefined : readFile(path, "utf8");
  }

  /** Reads and validates a JSON file; undefined where there is none. */
  async json<T>(name: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const text = await this.text(name, fileLimits.json);
    if (text === undefined) return undefined;
    const result = schema.safeParse(parseJson(text, name));
    if (result.success) return result.data;
    const { path, message } = result.error.issues[0];
    throw new ModelFolderError(
      `${name} has an unexpected value at “${path.join(".")}” (${message}): get the file from the model's publisher again.`,
    );
  }
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    throw new ModelFolderError(
      `${name} is not valid JSON: get the file from the model's publisher again.`,
    );
  }
}

async function plainFileSize(path: string, folders: string[]): Promise<number | undefined> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) return undefined;
  const roots = (await Promise.all(folders.map(allowedRoots))).flat();
  if (!roots.some((root) => real.startsWith(root + sep)))
    throw new ModelFolderError(
      `${path} points outside of the model's folder: put the file itself there.`,
    );
  return (await plainFile(real)).size;
}

/** Throws a ModelFolderError for what is there and cannot be read to an end: a pipe, a device, a folder. */
export async function plainFile(path: string): Promise<Stats> {
  const found = await stat(path);
  if (found.isFile()) return found;
  throw new ModelFolderError(
    `${path} is a folder, a pipe or a device where a file belongs: get the file from the model's publisher again.`,
  );
}

/** The folder, and the blobs that a snapshot of the Hugging Face cache links to. */
async function allowedRoots(folder: string): Promise<string[]> {
  const real = await realpath(folder);
  const parts = real.split(sep);
  const at = parts.lastIndexOf("snapshots");
  return at > 0 ? [real, [...parts.slice(0, at), "blobs"].join(sep)] : [real];
}

function inMegabytes(bytes: number): string {
  return `${(bytes / (1 << 20)).toFixed(bytes < 1 << 20 ? 2 : 0)} MB`;
}

/** “org/name” for a snapshot of the Hugging Face cache, otherwise the folder's own name. */
export function modelNameOf(folder: string): string {
  const cached = /models--(.+?)--(.+)/.exec(
    folder.split(sep).findLast((part) => part.startsWith("models--")) ?? "",
  );
  if (cached) return `${cached[1]}/${cached[2]}`;
  return basename(folder) === "onnx" ? basename(dirname(folder)) : basename(folder);
}
