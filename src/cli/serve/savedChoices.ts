/** What a person chose in the browser, kept for the next start. */
import * as z from "zod";
import { readBounded } from "../../disk/regularFile";
import { setAsideIfDamaged, type Tell } from "../../disk/setAside";
import { writeWhole } from "../../disk/wholeFile";
import { cacheShapeInFiles, fromFile, inFile } from "../../shared/settings/cacheInFiles";
import { type CacheChoice, defaultCacheChoice, mostChains } from "../../shared/settings/settings";

export interface SavedChoices {
  /** The folder of the model. */
  model: string;
  cache: CacheChoice;
  /** How many think about a question. */
  chains: number;
}

const cache = z.object(cacheShapeInFiles).partial({ budget: true }).transform(fromFile);
/** Absent in files of older versions. */
const chains = z.number().int().min(1).max(mostChains).catch(1);
const schema = z.object({ model: z.string(), cache, chains }) satisfies z.ZodType<SavedChoices>;

const longestFile = 1024 * 1024;

/** Where there is no file, nothing was chosen; a damaged one is set aside and told. */
export async function readChoices(
  file: string,
  bundledModel: string,
  tell: Tell,
): Promise<SavedChoices> {
  try {
    return parse(String(await readBounded(file, longestFile)));
  } catch (error) {
    await setAsideIfDamaged(file, error, tell);
    return { model: bundledModel, cache: defaultCacheChoice, chains: 1 };
  }
}

export function writeChoices(file: string, { cache, ...others }: SavedChoices): Promise<void> {
  return writeWhole(file, JSON.stringify({ ...others, cache: inFile(cache) }, null, 2));
}

function parse(text: string): SavedChoices {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new Error("it holds no choices in JSON");
  }
}
