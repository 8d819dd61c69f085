import type { ByteSource } from "../../src/shared/trace/byteSource";
import { TraceReader } from "../../src/shared/trace/reader";
import { Run } from "./model/run";

/** Bits of “who evicted what” that are kept at most; a page is not to exhaust the machine. */
const mostCells = 96_000_000;

export interface Loaded {
  run: Run;
  reader: TraceReader;
  /** Takes in what the trace has grown by. Rejects with an Error ready to be shown. */
  refresh: () => Promise<void>;
}

/** Opens a trace. Rejects with an Error ready to be shown where it is none. */
export async function load(bytes: ByteSource, chain = 0): Promise<Loaded> {
  const reader = await TraceReader.open(bytes);
  const run = new Run(reader.header, chain);
  const refresh = () =>
    reader.refresh((item) => {
      run.add(item);
      const cells = run.tokens * run.evictions.rowCount;
      if (cells > mostCells)
        throw new RangeError(`${cells} cells are more than the inspector shows`);
    });
  return { run, reader, refresh };
}
