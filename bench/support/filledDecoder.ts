/** A decoder that has read nothing, and yet holds what it would hold after a long text. */
import { CachedDecoder } from "../../src/engine/decoder/cachedDecoder";
import { defaultCacheSettings } from "../../src/shared/settings/settings";
import type { SkippingSession } from "./skippingSession";

const chunkTokens = 128;

/** One chain with so many slots of random rows, at a position. The session outlives it. */
export async function filledDecoder(
  session: SkippingSession,
  slots: number,
  position: number,
): Promise<CachedDecoder> {
  const decoder = new CachedDecoder(session, session.model, false);
  decoder.keepQueries(defaultCacheSettings.observationWindow);
  session.isSkipping = true;
  for (let left = slots; left > 0; left -= chunkTokens)
    await decoder.feed([Array<number>(Math.min(left, chunkTokens)).fill(1)]);
  session.isSkipping = false;
  decoder.position = position;
  return decoder;
}
