/** What a model's small files say of it, read without loading it. */
import path from "node:path";
import * as z from "zod";
import { readBounded } from "../../disk/regularFile";
import { type Budget, parseBudget } from "../../shared/settings/budget";

const largestFile = 4 << 20;

const configSchema = z.object({
  max_position_embeddings: z.number().int().positive().optional(),
  model: z.object({ context_length: z.number().int().positive().optional() }).optional(),
});

const ownWords = z.object({ budget: z.string().transform(parseBudget) });

/** How many tokens the model can attend to; undefined where no configuration says it. */
export async function contextLengthOf(folder: string): Promise<number | undefined> {
  for (const name of ["genai_config.json", "config.json"]) {
    const config = await readJson(folder, name, configSchema);
    const length = config?.model?.context_length ?? config?.max_position_embeddings;
    if (length !== undefined) return length;
  }
  return undefined;
}

/** The budget that suits the model's chains, by its own word; undefined where it says none. */
export async function suggestedBudgetOf(folder: string): Promise<Budget | undefined> {
  return (await readJson(folder, "rkv-lens.json", ownWords))?.budget;
}

/** Undefined where there is no such file, or none that can be used: loading says better why. */
async function readJson<S extends z.ZodType>(
  folder: string,
  name: string,
  schema: S,
): Promise<z.infer<S> | undefined> {
  try {
    const content = await readBounded(path.join(folder, name), largestFile);
    return schema.safeParse(JSON.parse(String(content))).data;
  } catch {
    return undefined;
  }
}
