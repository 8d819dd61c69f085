/** A model folder made ready to run: graph rewritten, session on a device, tokenizer at hand. */
import { rewriteModel } from "../../onnx/rewrite/rewriteModel";
import { weightBytes } from "../../onnx/weights/weightBytes";
import type { EngineEvents, ModelInfo } from "../../shared/wire/engineApi";
import { type Family, familyNamed } from "../../family/families";
import type { DeviceChoice } from "../../shared/settings/settings";
import type { CachedDecoder } from "../decoder/cachedDecoder";
import { openDecoder, type OpenedDecoder } from "../decoder/openDecoder";
import { graphCache } from "./caches";
import { bytesPerToken, contextLengthOf } from "./limits";
import { type ModelFolder, openModelFolder } from "./modelFolder";
import { TextWorker } from "../text/textWorker";

export interface LoadedModel {
  folder: ModelFolder;
  info: ModelInfo;
  decoder: CachedDecoder;
  /** Absent where the folder has no tokenizer. */
  text?: TextWorker;
  /** What it was made for; absent for a general model. */
  family?: Family;
  /** Ids that end a reply. */
  endIds: ReadonlySet<number>;
  /** The text whose keys and values the cache holds, as far as it still holds them. */
  heldIds: readonly number[];
}

type OnStage = (stage: EngineEvents["loading"]["stage"]) => void;

/** What computes, for those who know ids alone. Rejects as loadModel does. */
export async function loadDecoder(path: string, device: DeviceChoice): Promise<CachedDecoder> {
  const { opened } = await loadFolder(path, device, () => undefined);
  return opened.decoder;
}

/**
 * Rejects with an Error that says what is wrong with the folder, and what to do.
 * textWorkerFile: the tokenizer's Worker; by itself the one that lies beside this bundle.
 */
export async function loadModel(
  path: string,
  device: DeviceChoice,
  onStage: OnStage,
  textWorkerFile?: string,
): Promise<LoadedModel> {
  const { folder, opened, weights } = await loadFolder(path, device, onStage);
  onStage("tokenizer");
  const text = folder.text && new TextWorker(folder.text, undefined, textWorkerFile);
  try {
    const facts = await text?.facts();
    const endIds = new Set([
      ...folder.endIds,
      ...(facts?.eosId === undefined ? [] : [facts.eosId]),
    ]);
    const family = familyNamed(folder.family);
    const info = {
      ...describe(folder, opened),
      weightBytes: weights,
      family: folder.family,
      scopeHint: family?.scope,
    };
    return { folder, info, decoder: opened.decoder, text, family, endIds, heldIds: [] };
  } catch (error) {
    await text?.close();
    await opened.decoder.dispose();
    throw error;
  }
}

async function loadFolder(path: string, device: DeviceChoice, onStage: OnStage) {
  onStage("read");
  const folder = await openModelFolder(path);
  let weights = 0;
  const opened = await openDecoder(async (layout) => {
    onStage("rewrite");
    const { modelFile } = folder;
    const model = await rewriteModel({ modelFile, layout, cacheFolder: graphCache });
    weights = weightBytes(model.graph);
    onStage("session");
    return model;
  }, device);
  return { folder, opened, weights };
}

function describe(
  folder: ModelFolder,
  { decoder, attempts }: OpenedDecoder,
): Omit<ModelInfo, "weightBytes"> {
  const { layers, queryHeads, kvHeads, headDim, vocabulary, pattern, dtype } = decoder.model;
  return {
    ...{ name: folder.name, pattern, dtype },
    ...{ layers: layers.length, queryHeads, kvHeads, headDim, vocabulary },
    contextLength: contextLengthOf(folder, decoder.model),
    device: decoder.device,
    deviceReasons: attempts,
    bytesPerToken: bytesPerToken(decoder.model),
    suggestedBudget: folder.suggestedBudget,
    suggestedSampling: folder.suggestedSampling,
  };
}
