/** Reads prompts in chunks: a stop waits for one chunk at most, and progress can be told. */
import type { Decoder } from "../decoder/decoder";
import type { RunControl } from "./request";

const chunkTokens = 128;

export interface PrefillOptions {
  control: RunControl;
  /** Tokens at the start that the decoder's first row holds already; 0 where not given. */
  reused?: number;
  onPrefill?: (done: number, total: number) => void;
}

/**
 * Lets the decoder's rows hold these texts, which are equally long, and nothing else.
 * Returns the logits of the last tokens, [texts, vocabulary], or undefined if the run was cancelled.
 */
export async function prefill(
  decoder: Decoder,
  texts: readonly (readonly number[])[],
  { control, reused = 0, onPrefill }: PrefillOptions,
): Promise<Float32Array | undefined> {
  const [{ length }] = texts;
  if (decoder.rows > 1) await decoder.select([0]);
  await decoder.truncate(reused);
  await decoder.fork(texts.length);
  let logits: Float32Array | undefined;
  for (let done = reused; done < length;) {
    if (control.isCancelled) return undefined;
    const end = Math.min(done + chunkTokens, length);
    const chunk = texts.map((ids) => ids.slice(done, end));
    done = end;
    logits = await decoder.feed(chunk, length - done);
    onPrefill?.(done, length);
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
