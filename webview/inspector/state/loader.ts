import type { ByteSource } from "../../../src/shared/trace/byteSource";
import { TraceReader, type TraceItem } from "../../../src/shared/trace/reader";
import { Run } from "../model/run";
import { pieceMillis, rest } from "../model/pieces";

export interface Loaded {
  run: Run;
  reader: TraceReader;
  /**
   * Takes in what the trace has grown by, for so many milliseconds at most; true where there is
   * more. Rejects with an Error ready to be shown.
   */
  refresh: (forMillis?: number) => Promise<boolean>;
}

/** Opens a trace. Rejects with an Error ready to be shown where it is none. */
export async function load(bytes: ByteSource, chain = 0): Promise<Loaded> {
  const reader = await TraceReader.open(bytes);
  const run = new Run(reader.header, chain);
  const refresh = (forMillis?: number) => readOn(reader, (item) => run.add(item), forMillis);
  return { run, reader, refresh };
}

/** Takes in what came since the last call, in pieces; true where there is more. */
export async function readOn(
  reader: TraceReader,
  take: (item: TraceItem) => void,
  forMillis = Infinity,
): Promise<boolean> {
  const until = performance.now() + forMillis;
  for (;;) {
    const pieceEnd = Math.min(until, performance.now() + pieceMillis);
    await reader.refresh(take, () => performance.now() > pieceEnd);
    const { bytes: read, of, problem } = reader.recovery;
    const isMore = read < of && problem === undefined;
    if (!isMore || performance.now() > until) return isMore;
    await rest();
  }
}
