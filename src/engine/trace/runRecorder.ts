/** What a run leaves in its trace: everything the loop does, as records, for each chain. */
import type { EvictableDecoder } from "../../onnx/evictableDecoder";
import type { CacheSettings } from "../../shared/settings/settings";
import type { CompactionLayerRecord, TraceRecord } from "../../shared/trace/records";
import type { UnitKeys } from "../cache/unitKeyReader";
import type { Compaction } from "../compaction/compaction";
import type { LayerCompaction } from "../compaction/decision";
import type { TokenText } from "../text/protocol";
import type { StepToken } from "../text/stepCutter";
import type { TraceWriter } from "./traceWriter";

/** A token of a reply, its text, channel and reasoning step known. */
export interface SpokenToken extends StepToken {
  /** Natural log of its probability under the untempered model. */
  logProb: number;
  /** Milliseconds since the run began. */
  millis: number;
}

/** The chains that each of the decoder's rows serves: several until they part after their prompt. */
export type ChainsByRow = readonly (readonly number[])[];

type Shape = Pick<EvictableDecoder, "kvHeads" | "headDim">;

export class RunRecorder {
  constructor(
    private readonly writer: Pick<TraceWriter, "write">,
    private readonly shape: Shape,
  ) {}

  /** In force from `position` on. */
  settings(position: number, cache: CacheSettings): void {
    this.append([{ type: "settings", position, cache }]);
  }

  prompt(chains: number, tokens: readonly TokenText[], millis: number): void {
    for (let chain = 0; chain < chains; chain++)
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

  /** At least one token of a chain's reply; they follow each other. */
  tokens(chain: number, tokens: readonly SpokenToken[]): void {
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

  append(records: readonly TraceRecord[]): void {
    for (const record of records) this.writer.write(record);
  }

  /** Keys of each row become those of every chain that it serves. */
  keys(layers: readonly UnitKeys[], chainsByRow: ChainsByRow): void {
    const { kvHeads, headDim } = this.shape;
    for (const { layer, firstPosition, count, keys } of layers) {
      const size = kvHeads * count * headDim;
      eachChain(chainsByRow, (chain, row) => {
        const own = keys.subarray(row * size, (row + 1) * size);
        const type = "keys";
        this.append([{ type, chain, layer, kvHeads, headDim, firstPosition, count, keys: own }]);
      });
    }
  }

  /** compaction: its number in the run. */
  compaction(compaction: number, done: Compaction, chainsByRow: ChainsByRow): void {
    const { policy, lambda, similarityThreshold, observationWindow } = done.settings;
    const { position, cause, budget, millis, bytesBefore, bytesAfter } = done;
    eachChain(chainsByRow, (chain, row) =>
      this.append([
        {
          type: "compaction",
          chain,
          compaction,
          position,
          cause,
          policy,
          lambda,
          similarityThreshold,
          observationWindow,
          budget,
          millis,
          bytesBefore,
          bytesAfter,
        },
        ...done.layers.map((layer) => this.layerOf(chain, row, compaction, layer)),
      ]),
    );
  }

  private layerOf(
    chain: number,
    row: number,
    compaction: number,
    { layer, slots, positions, retained, scores, parts }: LayerCompaction,
  ): CompactionLayerRecord {
    const { kvHeads } = this.shape;
    const size = kvHeads * slots;
    const own = <A extends { subarray(begin: number, end: number): A }>(column: A): A =>
      column.subarray(row * size, (row + 1) * size);
    return {
      type: "compactionLayer",
      chain,
      compaction,
      layer,
      kvHeads,
      slots,
      positions: own(positions),
      retained: own(retained),
      scores: own(scores),
      parts: parts.map(({ name, values }) => ({ name, values: own(values) })),
    };
  }
}

function eachChain(chainsByRow: ChainsByRow, act: (chain: number, row: number) => void): void {
  chainsByRow.forEach((chains, row) => chains.forEach((chain) => act(chain, row)));
}
