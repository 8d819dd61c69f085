/** What a person chose in the browser, kept for the next start. */
import { readFile } from "node:fs/promises";
import * as z from "zod";
import { writeWhole } from "../../client/files";
import { cacheChoiceSchema, defaultCacheChoice } from "../../shared/settings";

const schema = z.object({ model: z.string(), cache: cacheChoiceSchema });
export type SavedChoices = z.infer<typeof schema>;

/** A file that is missing or damaged counts as nothing chosen. */
export async function readChoices(file: string, bundledModel: string): Promise<SavedChoices> {
  try {
    return schema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return { model: bundledModel, cache: defaultCacheChoice };
  }
}

export function writeChoices(file: string, choices: SavedChoices): Promise<void> {
  return writeWhole(file, JSON.stringify(choices, null, 2));
}
