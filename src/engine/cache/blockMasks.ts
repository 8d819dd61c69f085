/** Attention masks of the “blocks” layout: 0 where a token of the step sees a slot, −Infinity where not. */
import type { LayerAttention } from "../../onnx/evictableDecoder";
import { float32s, type Tensor } from "../runtime/runtime";
import type { SlotPositions } from "./slotPositions";

interface Step {
  /** Position of the step's first token. */
  position: number;
  tokens: number;
  /** Slots in the buffer before the step. */
  buffered: number;
}

/** chunk_mask, and a local_mask for each local window that a layer has. */
export function blockMasks(
  layers: readonly LayerAttention[],
  positions: readonly SlotPositions[],
  step: Step,
): Record<string, Tensor> {
  const masks: Record<string, Tensor> = { chunk_mask: chunkMask(step) };
  layers.forEach(({ localWindow }, layer) => {
    if (localWindow > 0)
      masks[`local_mask.${localWindow}`] ??= localMask(localWindow, positions[layer], step);
  });
  return masks;
}

/** [tokens, buffered + tokens]: all that was buffered, and the step's own tokens up to itself. */
function chunkMask({ tokens, buffered }: Step): Tensor {
  const columns = buffered + tokens;
  const mask = new Float32Array(tokens * columns);
  for (let row = 0; row < tokens; row++)
    mask.fill(-Infinity, row * columns + buffered + row + 1, (row + 1) * columns);
  return float32s(mask, [tokens, columns]);
}

/**
 * [tokens, slots + tokens]: the newest `window` positions up to itself. Layers with a local window
 * evict by age alone, so all their heads hold the same positions.
 */
function localMask(window: number, positions: SlotPositions, { position, tokens }: Step): Tensor {
  const slots = positions.ofHead(0);
  const columns = slots.length + tokens;
  const mask = new Float32Array(tokens * columns).fill(-Infinity);
  for (let row = 0; row < tokens; row++) {
    const oldest = position + row - window + 1;
    let first = slots.findIndex((slotPosition) => slotPosition >= oldest);
    if (first < 0) first = slots.length + Math.max(0, oldest - position);
    mask.fill(0, row * columns + first, row * columns + slots.length + row + 1);
  }
  return float32s(mask, [tokens, columns]);
}
