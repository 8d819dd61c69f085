/** From a model file on disk to a graph that onnxruntime takes from memory, its weights left where they lie. */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { CacheLayout, EvictableDecoder } from "../evictableDecoder";
import { referInlineWeights } from "../weights/inlineWeights";
import { refuseOtherFiles, readModelFile, type ParsedModel } from "../graph/modelFile";
import { ModelRefused } from "../modelRefused";
import { checkWeights, preflight } from "./preflight";
import { ModelProtoSchema } from "../proto/onnx_pb";
import { entryPath, readEntry, writeEntry, type Rewrite } from "./rewriteCache";
import { rewriteGraph } from "./rewriteGraph";
import { WeightFiles, resolveWeights } from "../weights/weightFiles";

export interface RewriteRequest {
  /** The .onnx file. */
  modelFile: string;
  layout: CacheLayout;
  /**
   * Keeps the activations of int4 products as the export has them. Without it they are rounded in
   * the “blocks” layout, where the export leaves it open.
   */
  fullActivations?: boolean;
  /** Keeps rewrites for the next load; none are kept without it. */
  cacheFolder?: string;
}

export interface RewrittenModel {
  modelFile: string;
  decoder: EvictableDecoder;
  /** The model as bytes; its weights are external data in `weightsFolder`. */
  graph: Uint8Array;
  /**
   * Another model as bytes, where the decoder has a slotRotary: takes position_ids int64 [1, N],
   * gives slot_cos and slot_sin [N, D / 2] of these positions, in the type of the cache. With a
   * normEpsilon also query_norm [layers, D], the weights of the norms that the queries lack.
   */
  angles?: Uint8Array;
  /** For the session option session.model_external_initializers_file_folder_path. */
  weightsFolder: string;
}

/** Throws ModelRefused, in one sentence, where the model cannot be run or is not safe to open. */
export async function rewriteModel(request: RewriteRequest): Promise<RewrittenModel> {
  const { modelFile, cacheFolder } = request;
  const files = await weightFilesOf(modelFile);
  const entry = cacheFolder && (await entryPath(cacheFolder, modelFile, variantOf(request)));
  const kept = entry ? await readEntry(entry) : undefined;
  const rewrite = kept ?? (await rewriteAnew(request, files));
  if (entry && !kept) await writeEntry(entry, rewrite);
  const graph = await resolved(rewrite.graph, files);
  const rewritten = { modelFile, decoder: rewrite.decoder, graph, weightsFolder: files.folder };
  if (!rewrite.angles) return rewritten;
  return { ...rewritten, angles: await resolved(rewrite.angles, files) };
}

/** Weight files are looked for where the model file really lies. Nothing of it has been read yet. */
export async function weightFilesOf(modelFile: string): Promise<WeightFiles> {
  try {
    const files = await WeightFiles.of(modelFile);
    await refuseOtherFiles(modelFile);
    return files;
  } catch (error) {
    if (error instanceof ModelRefused) throw error;
    const message = `${modelFile} cannot be read: choose the folder that holds the model.`;
    throw new ModelRefused(message, { cause: error });
  }
}

/** What makes two rewrites of one file differ. */
function variantOf({ layout, fullActivations }: RewriteRequest): string {
  return fullActivations ? `${layout}-full` : layout;
}

async function rewriteAnew(
  { modelFile, layout, fullActivations = false }: RewriteRequest,
  files: WeightFiles,
): Promise<Rewrite> {
  const parsed = await readModelFile(modelFile);
  await preflight(parsed, files);
  return understood(modelFile, () => {
    const { decoder, angles } = rewriteGraph(parsed, layout, fullActivations);
    const graph = encode(parsed);
    if (!angles) return { decoder, graph };
    const model = { ...parsed.model, graph: angles };
    return { decoder, graph, angles: encode({ ...parsed, model, graph: angles }) };
  });
}

/** The rewritten model's bytes, still naming weight files as the export did. */
export function encode({ model, graph, bytes }: ParsedModel): Uint8Array {
  referInlineWeights(graph, bytes);
  model.trainingInfo = [];
  return toBinary(ModelProtoSchema, model);
}

/** Checks the weights of encoded bytes and names their files as they are called on disk. */
export async function resolved(bytes: Uint8Array, files: WeightFiles): Promise<Uint8Array> {
  const model = fromBinary(ModelProtoSchema, bytes);
  if (!model.graph) throw new RangeError("These bytes hold no graph.");
  await checkWeights(model.graph, files);
  await resolveWeights(model.graph, files);
  return toBinary(ModelProtoSchema, model);
}

/** A graph that breaks the rules of the format makes the reader stumble anywhere; say so in words. */
export function understood<T>(modelFile: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ModelRefused) throw error;
    const message = `The graph in ${modelFile} breaks the rules of ONNX: download the model again.`;
    throw new ModelRefused(message, { cause: error });
  }
}
