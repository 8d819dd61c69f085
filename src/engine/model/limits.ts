/** What a model can hold, and what each token of it takes. */
import type { EvictableDecoder } from "../../onnx/evictableDecoder";
import { bytesPerElement } from "../runtime/runtime";
import type { ModelFolder } from "./modelFolder";

/** Positions a model is given where none of its files says what it was made for. */
const unstatedContext = 4096;

/** Positions that a run may use: what the model was made for, and its rotary table has. */
export function contextLengthOf(folder: ModelFolder, decoder: EvictableDecoder): number {
  return Math.min(folder.contextLength ?? unstatedContext, decoder.rotaryRows ?? Infinity);
}

/** Bytes of one slot over all layers and KV heads, keys and values. */
export function bytesPerToken({ layers, kvHeads, headDim, cacheType }: EvictableDecoder): number {
  return 2 * layers.length * kvHeads * headDim * bytesPerElement[cacheType];
}
