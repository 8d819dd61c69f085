/** What a run leaves in its trace: everything the loop does, as records, for each chain. */
import type { CacheSettings } from "../../shared/settings/settings";
import type { CompactionLayerRecord, TraceRecord } from "../../shared/trace/records";
import type { Compaction, LayerCompaction, UnitKeys } from "../decoder/decoder";
import type { SpokenToken } from "./reply";
import type { TokenText } from "../text/protocol";

export interface TraceSink {
  /** Takes the record over: its columns must not change afterwards. */
  write(record: TraceRecord): void;
}

/** A chain that goes on, and the decoder's row that it goes on in. */
interface Place {
  chain: number;
  row: number;
}

export class RunRecorder {
  /** By row; until the fork one row serves every chain. */
  private places: Place[];

  constructor(
    /** Absent where no trace was asked for. */
    private readonly sink: TraceSink | undefined,
    private readonly kvHeads: number,
    private readonly headDim: number,
    chains: number,
  ) {
    this.places = Array.from({ length: chains }, (_, chain) => ({ chain, row: 0 }));
  }

  /** From now on, each row goes on with one of these chains. */
  follow(chains: readonly number[]): void {
    this.places = chains.map((chain, row) => ({ chain, row }));
  }

  /** The chain whose text the decoder's first row holds. */
  get firstChain(): number {
    return this.places[0].chain;
  }

  get isRecording(): boolean {
    return this.sink !== undefined;
  }

  settings(position: number, cache: CacheSettings): void {
    this.append([{ type: "settings", position, cache }]);
  }

  prompt(tokens: TokenText[], millis: number): void {
    for (const { chain } of this.places)
      this.append([
        {
          type: "tokens",
          chain,
          firstPosition: 0,
          ids: Uint32Array.from(tokens, ({ id }) => id),
          logProbs: new Float32Array(tokens.length).fill(NaN),
          millis: new Float32Array(tokens.length).fill(millis),
          texts: tokens.map(({ label }) => label),
          isPrompt: true,
        },
      ]);
  }

  tokens(chain: number, tokens: SpokenToken[]): void {
    this.append([
      {
        type: "tokens",
        chain,
        firstPosition: tokens[0].position,
        ids: Uint32Array.from(tokens, ({ id }) => id),
        logProbs: Float32Array.from(tokens, ({ logProb }) => logProb),
        millis: Float32Array.from(tokens, ({ millis }) => millis),
        texts: tokens.map(({ label }) => label),
        isPrompt: false,
      },
    ]);
  }

  append(records: TraceRecord[]): void {
    for (const record of records) this.sink?.write(record);
  }

  /** Keys of each row become those of the chain it goes on with. */
  keys(layers: UnitKeys[]): void {
    const { kvHeads, headDim } = this;
    const records = layers.flatMap(({ layer, firstPosition, count, keys }) =>
      this.places.map(({ chain, row }) => {
        const size = kvHeads * count * headDim;
        const own = keys.subarray(row * size, (row + 1) * size);
        const place = { chain, layer, firstPosition, count };
        return { type: "keys" as const, ...place, kvHeads, headDim, keys: own };
      }),
    );
    this.append(records.filter(({ count }) => count > 0));
  }

  compaction(number: number, done: Compaction): void {
    if (!this.sink) return;
    const { policy, lambda, similarityThreshold, observationWindow } = done.settings;
    const { position, cause, budget, millis, bytesBefore, bytesAfter } = done;
    for (const { chain, row } of this.places)
      this.append([
        {
          type: "compaction",
          chain,
          compaction: number,
          ...{ position, cause, policy, lambda, similarityThreshold, observationWindow },
          ...{ budget, millis, bytesBefore, bytesAfter },
        },
        ...done.layers.map((layer) => this.layerOf(chain, row, number, layer)),
      ]);
  }

  private layerOf(
    chain: number,
    row: number,
    compaction: number,
    { layer, slots, positions, retained, scores, parts }: LayerCompaction,
  ): CompactionLayerRecord {
    const { kvHeads } = this;
    const size = kvHeads * slots;
    const own = <A extends { subarray(begin: number, end: number): A }>(column: A): A =>
      column.subarray(row * size, (row + 1) * size);
    return {
      type: "compactionLayer",
      ...{ chain, compaction, layer, kvHeads, slots },
      positions: own(positions),
      retained: own(retained),
      scores: own(scores),
      parts: parts.map(({ name, values }) => ({ name, values: own(values) })),
    };
  }
}
