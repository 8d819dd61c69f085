/** A trace told from its records alone: nothing of the inspector's own counting is in it. */
import { bytesInMemory } from "../../../src/shared/trace/byteSource";
import { TraceReader } from "../../../src/shared/trace/reader";
import type {
  CompactionLayerRecord,
  CompactionRecord,
  DivergenceRecord,
  KeysRecord,
  TokensRecord,
} from "../../../src/shared/trace/records";

export interface Told {
  reader: TraceReader;
  compactions: CompactionRecord[];
  /** First positions of the reasoning steps. */
  steps: number[];
  /** What a replay found. */
  divergences: DivergenceRecord[];
  tokens: { id: number; logProb: number; text: string }[];
  /** One layer's decision in a compaction, scores included. */
  layer(compaction: number, layer: number): Promise<CompactionLayerRecord>;
  /** The record that holds a position's keys, read once. */
  keys(layer: number, position: number): Promise<KeysRecord>;
  /** Whether a head holds a token after that many compactions. */
  holds(layer: number, head: number, position: number, compactions: number): Promise<boolean>;
}

/** One chain of it. */
export async function toldSlowly(trace: Uint8Array, chain = 0): Promise<Told> {
  const reader = await TraceReader.open(bytesInMemory(trace));
  const compactions: CompactionRecord[] = [];
  const steps: number[] = [];
  const divergences: DivergenceRecord[] = [];
  const tokens: Told["tokens"] = [];
  await reader.refresh((item) => {
    if ("chain" in item && item.chain !== chain) return;
    if (item.type === "compaction") compactions.push(item);
    if (item.type === "divergence") divergences.push(item);
    if (item.type === "step") steps.push(item.firstPosition);
    if (item.type === "tokens") tokens.push(...tokensOf(item));
  });
  const read = new Map<string, Promise<CompactionLayerRecord>>();
  const layer = (compaction: number, index: number): Promise<CompactionLayerRecord> => {
    const name = `${compaction} ${index}`;
    const record = read.get(name) ?? readLayer(compaction, index);
    read.set(name, record);
    return record;
  };
  const readLayer = async (compaction: number, index: number) => {
    const record = await reader.layer(chain, compaction, index);
    if (!record) throw new Error(`Layer ${index} of compaction ${compaction} is not in the trace.`);
    return record;
  };
  const keysAt = new Map<number, KeysRecord>();
  const keys = async (index: number, position: number): Promise<KeysRecord> => {
    const place = reader.keysPlace(chain, index, position);
    const record = keysAt.get(place?.offset ?? NaN) ?? (await reader.keys(chain, index, position));
    if (!place || !record)
      throw new Error(`The trace has no key of ${position} in layer ${index}.`);
    keysAt.set(place.offset, record);
    return record;
  };
  return {
    reader,
    compactions,
    steps,
    divergences,
    tokens,
    layer,
    keys,
    async holds(index, head, position, count) {
      if (count === 0 || position >= compactions[count - 1].position) return true;
      const { slots, positions, retained } = await layer(count - 1, index);
      const row = positions.subarray(head * slots, (head + 1) * slots);
      const slot = row.indexOf(position);
      return slot >= 0 && retained[head * slots + slot] === 1;
    },
  };
}

function tokensOf({ ids, logProbs, texts }: TokensRecord): Told["tokens"] {
  return texts.map((text, index) => ({ id: ids[index], logProb: logProbs[index], text }));
}
