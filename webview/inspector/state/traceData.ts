import { sum } from "d3";
import type { KeysPlace } from "../../../src/shared/trace/largeRecords";
import type { ByteSource } from "../../../src/shared/trace/byteSource";
import { TraceReader } from "../../../src/shared/trace/reader";
import type { StoredKeys } from "../../../src/shared/trace/decode";
import { putFloat16 } from "../../../src/shared/trace/float16";
import type { CompactionLayerRecord } from "../../../src/shared/trace/records";
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

  /**
   * Unit keys of some heads' slots, read side by side.
   *
   * @param isKept whether what is read is likely to be read again soon
   * @returns [rows, positions, headDim]; undefined where the trace has not all of them
   */
  async keys(
    run: Run,
    layer: number,
    rows: readonly HeadSlots[],
    isKept = true,
  ): Promise<Float32Array | undefined> {
    const { headDim } = run.header;
    const places = this.keysPlaces(run, layer, rows);
    const read = places?.map((place) => this.keysRecord(run, layer, place, isKept));
    const records = read && (await Promise.all(read));
    if (!records?.every((record) => record?.headDim === headDim)) return undefined;
    const result = new Float32Array(sum(rows, ({ positions }) => positions.length) * headDim);
    let [cell, at] = [0, 0];
    for (const { head, positions } of rows)
      for (let slot = 0; slot < positions.length; slot++, cell++) {
        const position = positions[slot];
        if (!isIn(records[at], position))
          at = records.findIndex((record) => isIn(record, position));
        const record = records[at];
        if (record) putKey(record, head, position, result, cell * headDim);
      }
    return result;
  }

  /** Where the records lie that have those keys, each once; undefined where one is missing. */
  private keysPlaces(run: Run, layer: number, rows: readonly HeadSlots[]): KeysPlace[] | undefined {
    const places = new Map<number, KeysPlace>();
    const reader = this.readers.get(run);
    let place: KeysPlace | undefined;
    for (const { positions } of rows)
      for (let slot = 0; slot < positions.length; slot++) {
        if (isIn(place, positions[slot])) continue;
        place = reader?.keysPlace(run.chain, layer, positions[slot]);
        if (!place) return undefined;
        places.set(place.offset, place);
      }
    return [...places.values()];
  }

  private async keysRecord(
    run: Run,
    layer: number,
    { offset, firstPosition }: KeysPlace,
    isKept: boolean,
  ): Promise<StoredKeys | undefined> {
    const name = nameOf(run, "keys", offset);
    const load = async () => this.readers.get(run)?.storedKeys(run.chain, layer, firstPosition);
    return isKept ? this.once(name, load) : (this.peek<StoredKeys>(name) ?? load());
  }
}

/** One head, and the positions that it has in its slots, ascending. */
export interface HeadSlots {
  head: number;
  positions: ArrayLike<number>;
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

function isIn(
  place: { firstPosition: number; count: number } | undefined,
  position: number,
): boolean {
  if (!place) return false;
  return position >= place.firstPosition && position < place.firstPosition + place.count;
}

function putKey(
  { halves, count, firstPosition, headDim }: StoredKeys,
  head: number,
  position: number,
  result: Float32Array,
  at: number,
): void {
  const from = (head * count + position - firstPosition) * headDim;
  putFloat16(halves, from, from + headDim, result, at);
}
