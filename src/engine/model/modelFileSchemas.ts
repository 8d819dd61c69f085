/** The little that is read of each file beside the weights; everything else in them is ignored. */
import * as z from "zod";
import { reasonOf } from "../../shared/reasonOf";
import { parseBudget } from "../../shared/settings/budget";
import { samplingFields } from "./suggestedSampling";

const tokenId = z.number().int().min(0).max(0x7fff_ffff);
const tokenIds = z.union([tokenId.transform((id) => [id]), z.array(tokenId).max(1024)]).nullish();
const length = z.number().int().positive().max(0x7fff_ffff).nullish();

/** A special token is its text, or an object around it (transformers' AddedToken). */
const specialToken = z
  .union([z.string(), z.object({ content: z.string() }).transform((token) => token.content)])
  .nullish();

const decoderConfig = z.object({
  eos_token_id: tokenIds,
  max_position_embeddings: length,
  n_positions: length,
});

/** config.json; models that also see keep the decoder's part in text_config. */
export const configSchema = decoderConfig.extend({ text_config: decoderConfig.nullish() });

export const generationConfigSchema = z.object({ eos_token_id: tokenIds, ...samplingFields });

/** genai_config.json of onnxruntime-genai. */
export const genaiConfigSchema = z.object({
  model: z.object({
    eos_token_id: tokenIds,
    context_length: length,
    decoder: z.object({ filename: z.string().nullish() }),
  }),
  /** Its builder writes “greedy” where a model's maker says nothing: sampling alone counts as said. */
  search: z
    .object({ ...samplingFields, do_sample: z.literal(true) })
    .optional()
    .catch(undefined),
});

export const tokenizerConfigSchema = z.object({
  bos_token: specialToken,
  eos_token: specialToken,
  /** One template, or several by name; the one named “default” is for chat. */
  chat_template: z
    .union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))])
    .nullish(),
});

/** chat_template.json, a form that some exports use instead. */
export const chatTemplateSchema = z.object({ chat_template: z.string() });

const budget = z.string().transform((text, context) => {
  try {
    return parseBudget(text);
  } catch (error) {
    context.addIssue(reasonOf(error));
    return z.NEVER;
  }
});

/** rkv-lens.json: what a model that was made for one family of questions says of itself. */
export const rkvLensSchema = z.object({
  name: z.string().max(100).optional(),
  family: z.string().max(100).optional(),
  /** Suits the model's own chains: “192”, “34%” or “full”. */
  budget: budget.optional(),
});
