/** How many tokens a model can attend to, read from its configuration without loading it. */
import * as z from "zod";
import { modelJson } from "./modelJson";

const configSchema = z.object({
  max_position_embeddings: z.number().int().positive().optional(),
  model: z.object({ context_length: z.number().int().positive().optional() }).optional(),
});

/** Undefined where no configuration says it. */
export async function contextLengthOf(folder: string): Promise<number | undefined> {
  for (const name of ["genai_config.json", "config.json"]) {
    const config = await modelJson(folder, name, configSchema);
    const length = config?.model?.context_length ?? config?.max_position_embeddings;
    if (length !== undefined) return length;
  }
  return undefined;
}
