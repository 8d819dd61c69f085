/** Reads a prompt in chunks: a stop waits for one chunk at most, and progress can be told. */
import type { Decoder } from "../decoder/decoder";
import type { RunControl } from "./runControl";

const chunkTokens = 128;

/**
 * Lets the decoder's cache hold `ids` and nothing else; its first `reused` tokens lie there already.
 * Returns the logits of the last token, [1, vocabulary], or undefined if the run was cancelled.
 */
export async function prefill(
  decoder: Decoder,
  ids: readonly number[],
  reused: number,
  control: RunControl,
  onProgress: (done: number, total: number) => void,
): Promise<Float32Array | undefined> {
  if (decoder.rows > 1) await decoder.select([0]);
  await decoder.truncate(reused);
  let logits: Float32Array | undefined;
  for (let done = reused; done < ids.length;) {
    if (control.isCancelled) return undefined;
    const chunk = ids.slice(done, done + chunkTokens);
    done += chunk.length;
    logits = await decoder.feed([chunk], ids.length - done);
    onProgress(done, ids.length);
  }
  return logits;
}

/**
 * Tokens at the start of `ids` that need not be read again. The last `window` always are: their
 * queries vote in the next compaction, and the last one's logits choose the first token.
 */
export function reusableTokens(
  decoder: Decoder,
  ids: readonly number[],
  previous: readonly number[],
  window: number,
): number {
  const unread = Math.max(0, ids.length - window);
  const most = Math.min(decoder.reusablePrefix(), previous.length, unread);
  let same = 0;
  while (same < most && ids[same] === previous[same]) same++;
  return same;
}
