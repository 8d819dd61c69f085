/** A JSON file of a model's folder, read before anything is loaded. */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type * as z from "zod";

const largestFile = 4 << 20;

/** Undefined where there is none, or none that can be used: loading the model says better why. */
export async function modelJson<S extends z.ZodType>(
  folder: string,
  name: string,
  schema: S,
): Promise<z.infer<S> | undefined> {
  const file = path.join(folder, name);
  try {
    const found = await stat(file);
    if (!found.isFile() || found.size > largestFile) return undefined;
    return schema.safeParse(JSON.parse(await readFile(file, "utf8"))).data;
  } catch {
    return undefined;
  }
}
