/** How many tokens a model can attend to, read from its configuration without loading it. */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";

const largestConfig = 4 << 20;

const configSchema = z.object({
  max_position_embeddings: z.number().int().positive().optional(),
  model: z.object({ context_length: z.number().int().positive().optional() }).optional(),
});

/** Undefined where no configuration says it. */
export async function contextLengthOf(folder: string): Promise<number | undefined> {
  for (const name of ["genai_config.json", "config.json"]) {
    const config = await readConfig(path.join(folder, name));
    const length = config?.model?.context_length ?? config?.max_position_embeddings;
    if (length !== undefined) return length;
  }
  return undefined;
}

async function readConfig(file: string): Promise<z.infer<typeof configSchema> | undefined> {
  try {
    if ((await stat(file)).size > largestConfig) return undefined;
    return configSchema.safeParse(JSON.parse(await readFile(file, "utf8"))).data;
  } catch {
    return undefined; // Loading the model says better what is wrong with it.
  }
}
