import type { ByteSource } from "../../src/shared/trace/byteSource";
import { TraceReader, type TraceItem } from "../../src/shared/trace/reader";
import { Run } from "./model/run";

/** Bits of “who evicted what” that are kept at most; a page is not to exhaust the machine. */
const mostCells = 96_000_000;

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
  const take = (item: TraceItem) => {
    run.add(item);
    const cells = run.tokens * run.evictions.rowCount;
    if (cells > mostCells) throw new RangeError(`${cells} cells are more than the inspector shows`);
  };
  const refresh = async (forMillis = Infinity) => {
    const until = performance.now() + forMillis;
    await reader.refresh(take, () => performance.now() > until);
    const { bytes: read, of, problem } = reader.recovery;
    return read < of && problem === undefined;
  };
  return { run, reader, refresh };
}
