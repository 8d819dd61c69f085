import type { Decoder } from "./decoder";

/** Share of the prompt's tokens that no head of any layer still holds, 0 to 1. */
export function promptForgotten(decoder: Decoder, promptLength: number): number {
  if (promptLength === 0) return 0;
  const held = new Uint8Array(promptLength);
  for (const layer of decoder.model.layers.keys())
    for (const position of decoder.positions(layer))
      if (position < promptLength) held[position] = 1;
  return held.filter((isHeld) => isHeld === 0).length / promptLength;
}
