import type { ByteSource } from "../../../src/shared/trace/byteSource";
import { TraceReader } from "../../../src/shared/trace/reader";
import type { CompactionLayerRecord, KeysRecord } from "../../../src/shared/trace/records";
import { ChainsTeller, type Chains } from "../model/chains";
import type { Run } from "../model/run";
import { Answers } from "./answers";
import { readOn } from "./loader";

/** Scores and keys, which stay in the file until somebody looks at them. Nobody else keeps records. */
export class TraceData extends Answers {
  private readonly readers = new WeakMap<Run, TraceReader>();
  /** Of the traces whose chains somebody has looked at; told once more for each chain of a trace. */
  private readonly tellers = new WeakMap<ByteSource, Promise<Told>>();

  serve(run: Run, reader: TraceReader): void {
    this.readers.set(run, reader);
  }

  /** All that one layer decided in a compaction, by its order; undefined where it is not there. */
  layer(run: Run, compaction: number, layer: number): Promise<CompactionLayerRecord | undefined> {
    const record = run.compactions[compaction];
    const reader = this.readers.get(run);
    return this.once(nameOf(run, "layer", compaction, layer), async () =>
      record && reader ? reader.layer(run.chain, record.compaction, layer) : undefined,
    );
  }

  /** All chains of the run's trace, as far as it goes now: the whole trace is read once, in pieces. */
  async chains(run: Run): Promise<Chains | undefined> {
    const source = this.readers.get(run)?.source;
    if (!source) return undefined;
    const opening = this.tellers.get(source) ?? openTold(source);
    this.tellers.set(source, opening);
    opening.catch(() => this.tellers.delete(source));
    const { reader, teller } = await opening;
    await readOn(reader, (item) => teller.add(item));
    return teller.tell();
  }

  hasKeys(run: Run, layer: number): boolean {
    return this.readers.get(run)?.keysPlace(run.chain, layer, 0) !== undefined;
  }

  /** [positions, headDim] unit keys of one head; undefined where the trace has not all of them. */
  async keys(
    run: Run,
    layer: number,
    head: number,
    positions: readonly number[],
  ): Promise<Float32Array | undefined> {
    const { headDim } = run.header;
    const result = new Float32Array(positions.length * headDim);
    let record: KeysRecord | undefined;
    for (const [index, position] of positions.entries()) {
      if (!record || !covers(record, position))
        record = await this.keysRecord(run, layer, position);
      if (record?.headDim !== headDim) return undefined;
      result.set(keyRow(record, head, position), index * headDim);
    }
    return result;
  }

  private async keysRecord(
    run: Run,
    layer: number,
    position: number,
  ): Promise<KeysRecord | undefined> {
    const reader = this.readers.get(run);
    const place = reader?.keysPlace(run.chain, layer, position);
    if (!place) return undefined;
    const name = nameOf(run, "keys", place.offset);
    return this.once(name, async () => reader?.keys(run.chain, layer, position));
  }
}

/** A trace that is read for all of its chains. */
interface Told {
  reader: TraceReader;
  teller: ChainsTeller;
}

async function openTold(source: ByteSource): Promise<Told> {
  const reader = await TraceReader.open(source);
  return { reader, teller: new ChainsTeller(reader.header) };
}

const numbers = new WeakMap<Run, number>();
let runs = 0;

/** A name for something of a run, unlike that of any other run. */
export function nameOf(run: Run, ...parts: (string | number)[]): string {
  if (!numbers.has(run)) numbers.set(run, runs++);
  return `${numbers.get(run)} ${parts.join(" ")}`;
}

function covers({ firstPosition, count }: KeysRecord, position: number): boolean {
  return position >= firstPosition && position < firstPosition + count;
}

function keyRow(record: KeysRecord, head: number, position: number): Float32Array {
  const from = (head * record.count + position - record.firstPosition) * record.headDim;
  return record.keys.subarray(from, from + record.headDim);
}
