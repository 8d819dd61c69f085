/** How a model's maker samples it, in the words of transformers' generation_config.json. */
import * as z from "zod";
import { samplingSettingsSchema, type SuggestedSampling } from "../../shared/settings/settings";

const { temperature, topP, topK, minP, repetitionPenalty } = samplingSettingsSchema.shape;

/** A value that cannot be used, such as the top_k of −1 that some write for “off”, counts as absent. */
function usable<T>(schema: z.ZodType<T>) {
  return schema.optional().catch(undefined);
}

/** As generation_config.json has them, and the search of genai_config.json. */
export const samplingFields = {
  do_sample: usable(z.boolean()),
  temperature: usable(temperature),
  top_p: usable(topP),
  top_k: usable(topK),
  min_p: usable(minP),
  repetition_penalty: usable(repetitionPenalty),
};

type SamplingFields = z.infer<z.ZodObject<typeof samplingFields>>;

export function suggestedSampling(said: SamplingFields): SuggestedSampling {
  return {
    temperature: said.do_sample === false ? 0 : said.temperature,
    topP: said.top_p,
    topK: said.top_k,
    minP: said.min_p,
    repetitionPenalty: said.repetition_penalty,
  };
}
