/**
 * What a model's folder holds, whoever wrote it: transformers.js and onnx-community (weights in
 * onnx/, one file per dtype), optimum (model.onnx at the top), onnxruntime-genai
 * (genai_config.json), each plain or in the Hugging Face cache.
 */
import { realpath, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { EvictableDecoder } from "../../onnx/evictableDecoder";
import type { Budget, SuggestedSampling } from "../../shared/settings/settings";
import type { TextFiles } from "../text/protocol";
import { ModelFiles, ModelFolderError, modelNameOf } from "./modelFiles";
import {
  configSchema,
  generationConfigSchema,
  genaiConfigSchema,
  rkvLensSchema,
} from "./modelFileSchemas";
import { suggestedSampling } from "./suggestedSampling";
import { findTextFiles } from "./textFiles";
import { findWeights, snapshotOf } from "./weightsFile";

export { ModelFolderError } from "./modelFiles";

export interface ModelFolder {
  /** For people: never a path. */
  name: string;
  /** The .onnx file; its external data lies beside it. */
  modelFile: string;
  /** Absent without a tokenizer.json: such a model runs on token ids only. */
  text?: TextFiles;
  /** Ids that end the text, as any of the model's files says but the tokenizer's; ascending. */
  endIds: number[];
  /** Tokens the model was made for; absent where no file says. */
  contextLength?: number;
  /** The family of questions the model was made for; absent for a general model. */
  family?: string;
  /** What the model's maker recommends; absent where no file says. */
  suggestedBudget?: Budget;
  suggestedSampling: SuggestedSampling;
}

/**
 * Reads the folder, or the .onnx file, that a person named.
 * Throws a ModelFolderError that says what is wrong and what to do.
 */
export async function openModelFolder(path: string): Promise<ModelFolder> {
  const named = resolve(path);
  const isFile = await isFileOrRefuse(named);
  const top = isFile ? dirname(named) : await snapshotOf(named);
  const files = new ModelFiles(foldersAround(top));
  const genai = await files.json("genai_config.json", genaiConfigSchema);
  const config = await files.json("config.json", configSchema);
  const generation = await files.json("generation_config.json", generationConfigSchema);
  const own = await files.json("rkv-lens.json", rkvLensSchema);
  const decoder = config?.text_config ?? config;
  return {
    name: own?.name ?? modelNameOf(await realpath(top)),
    modelFile: isFile ? named : await findWeights(top, genai?.model.decoder.filename ?? undefined),
    text: await findTextFiles(files),
    endIds: merge([
      generation?.eos_token_id,
      genai?.model.eos_token_id,
      config?.eos_token_id,
      config?.text_config?.eos_token_id,
    ]),
    contextLength:
      genai?.model.context_length ??
      decoder?.max_position_embeddings ??
      decoder?.n_positions ??
      undefined,
    family: own?.family,
    suggestedBudget: own?.budget,
    suggestedSampling: suggestedSampling(generation ?? genai?.search ?? {}),
  };
}

/** Positions a model is given where none of its files says what it was made for. */
const unstatedContext = 4096;

/** Positions that a run may use: what the model was made for, and its rotary table has. */
export function contextLengthOf(folder: ModelFolder, decoder: EvictableDecoder): number {
  return Math.min(folder.contextLength ?? unstatedContext, decoder.rotaryRows ?? Infinity);
}

/** Weights in onnx/ have their tokenizer one folder up. */
function foldersAround(folder: string): string[] {
  return /[\\/]onnx$/.test(folder) ? [folder, dirname(folder)] : [folder];
}

async function isFileOrRefuse(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (!found)
    throw new ModelFolderError(
      `There is no ${path}: name the folder that a model was downloaded to, or the .onnx file in it.`,
    );
  if (found.isFile() && !path.endsWith(".onnx"))
    throw new ModelFolderError(
      `${path} is not an .onnx file: name the model's folder, or the .onnx file in it.`,
    );
  if (!found.isFile() && !found.isDirectory())
    throw new ModelFolderError(
      `${path} is a pipe or a device: name the model's folder, or the .onnx file in it.`,
    );
  return found.isFile();
}

function merge(ids: (number[] | null | undefined)[]): number[] {
  return [...new Set(ids.flatMap((some) => some ?? []))].sort((a, b) => a - b);
}
