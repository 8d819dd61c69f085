import type { Decoder } from "../decoder/decoder";

/** Share of the prompt's tokens, as far as they were read, that no head still holds, 0 to 1. */
export function promptForgotten(decoder: Decoder, promptLength: number): number {
  const read = Math.min(promptLength, decoder.position);
  if (read === 0) return 0;
  const held = new Uint8Array(read);
  for (const layer of decoder.model.layers.keys())
    for (const position of decoder.positions(layer)) if (position < read) held[position] = 1;
  return held.filter((isHeld) => isHeld === 0).length / read;
}
