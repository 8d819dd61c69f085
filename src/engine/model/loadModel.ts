/** A model folder made ready to run: graph rewritten, session on a device, tokenizer at hand. */
import { graphCache } from "../../disk/ownCaches";
import { rewriteModel } from "../../onnx/rewrite/rewriteModel";
import { weightBytes } from "../../onnx/weights/weightBytes";
import type { CacheLayout } from "../../onnx/evictableDecoder";
import type { Device, DeviceChoice } from "../../shared/settings/settings";
import type { EngineEvents, LoadParams, ModelInfo } from "../../shared/wire/engineApi";
import { bytesPerToken } from "../cache/kvCache";
import type { CachedDecoder } from "../decoder/cachedDecoder";
import { speedsOf } from "../decoder/deviceSpeeds";
import { openDecoder, type OpenedDecoder } from "../decoder/openDecoder";
import { TextWorker } from "../text/textWorker";
import { contextLengthOf, type ModelFolder, openModelFolder } from "./modelFolder";

export interface RunnableModel {
  folder: ModelFolder;
  info: ModelInfo;
  decoder: CachedDecoder;
  /** Absent where the folder has no tokenizer. */
  text?: TextWorker;
  /** Ids that end a reply. */
  endIds: ReadonlySet<number>;
  /** The text whose keys and values the cache holds, as far as it still holds them. */
  heldIds: readonly number[];
}

type OnStage = (stage: EngineEvents["loading"]["stage"]) => void;

/** What computes, for those who know ids alone. Rejects as loadModel does. */
export async function loadDecoder(path: string, device: DeviceChoice): Promise<CachedDecoder> {
  const { opened } = await loadFolder({ folder: path, device }, () => undefined);
  return opened.decoder;
}

/**
 * Rejects with an Error that says what is wrong with the folder, and what to do.
 * textWorkerFile: the tokenizer's Worker; by itself the one that lies beside this bundle.
 */
export async function loadModel(
  params: LoadParams,
  onStage: OnStage,
  textWorkerFile?: string,
): Promise<RunnableModel> {
  const { folder, opened, weights } = await loadFolder(params, onStage);
  onStage("tokenizer");
  const text = folder.text && new TextWorker(folder.text, undefined, textWorkerFile);
  try {
    const facts = await text?.facts();
    const endIds = new Set([
      ...folder.endIds,
      ...(facts?.eosId === undefined ? [] : [facts.eosId]),
    ]);
    const info = { ...describe(folder, opened), weightBytes: weights };
    return { folder, info, decoder: opened.decoder, text, endIds, heldIds: [] };
  } catch (error) {
    await text?.close();
    await opened.decoder.dispose();
    throw error;
  }
}

async function loadFolder(params: LoadParams, onStage: OnStage) {
  onStage("read");
  const folder = await openModelFolder(params.folder);
  let weights = 0;
  const { modelFile } = folder;
  const variant = params.fullActivations ? "full activations" : "";
  const memory = await speedsOf(modelFile, variant, params.measureAgain === true);
  const rewrite = async (layout: CacheLayout, device: Device) => {
    onStage("rewrite");
    // Rounding pays on the CPU alone.
    const fullActivations = params.fullActivations || device !== "cpu";
    const request = { modelFile, layout, fullActivations, cacheFolder: graphCache };
    const model = await rewriteModel(request);
    weights = weightBytes(model.graph);
    onStage("session");
    return model;
  };
  const timing = { memory, onMeasure: () => onStage("measure") };
  const opened = await openDecoder(rewrite, params.device, timing);
  return { folder, opened, weights };
}

function describe(
  folder: ModelFolder,
  { decoder, attempts }: OpenedDecoder,
): Omit<ModelInfo, "weightBytes"> {
  const { layers, queryHeads, kvHeads, headDim, vocabulary, pattern, dtype } = decoder.model;
  return {
    name: folder.name,
    pattern,
    dtype,
    layers: layers.length,
    queryHeads,
    kvHeads,
    headDim,
    vocabulary,
    contextLength: contextLengthOf(folder, decoder.model),
    device: decoder.device,
    deviceReasons: attempts,
    bytesPerToken: bytesPerToken(decoder.model),
    family: folder.family,
    suggestedBudget: folder.suggestedBudget,
    suggestedSampling: folder.suggestedSampling,
  };
}
