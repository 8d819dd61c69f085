/**
 * The cost of forgetting: the tokens of a trace, forced through the model twice, once with the full
 * cache and once with what the trace's compactions retained. Their next-token distributions are
 * compared at each position, and the full run's attention on what the other one had evicted is
 * summed. What is found becomes part of the trace.
 */
import type { DivergenceRecord } from "../../shared/trace/records";
import type { EngineRequests } from "../../shared/wire/engineApi";
import type { CachedDecoder } from "../decoder/cachedDecoder";
import { loadDecoder } from "../model/loadModel";
import { prefill } from "../run/prefill";
import type { RunControl } from "../run/request";
import { TraceWriter } from "../trace/traceWriter";
import { klDivergence, likeliest } from "./divergence";
import {
  comparedUpTo,
  isCompared,
  readRecordedRun,
  type RecordedChain,
  type RecordedRun,
} from "./recordedRun";

type Replay = EngineRequests["replay"];
type Progress = (done: number, total: number) => Promise<void>;

const positionsPerRecord = 64;

/** Rejects with an Error to be shown; a replay that is cancelled keeps what it found so far. */
export async function replayTrace(
  { traceFile, folder, device }: Replay["params"],
  control: RunControl,
  onProgress: Progress,
): Promise<Replay["result"]> {
  const recorded = await readRecordedRun(traceFile);
  if (recorded.chains.every(isCompared)) return summary(recorded);
  const decoder = await loadDecoder(folder, device);
  try {
    refuseOtherModel(recorded, decoder);
    const writer = await TraceWriter.append(traceFile, recorded.recovery.bytes);
    try {
      await compareAll(recorded, decoder, control, writer, onProgress);
    } finally {
      await writer.close();
    }
    if (writer.error !== undefined) throw writer.error;
    return summary(recorded);
  } finally {
    await decoder.dispose();
  }
}

/** Adds what is found to the trace and to `recorded`; what an earlier replay found stays. */
async function compareAll(
  { chains }: RecordedRun,
  decoder: CachedDecoder,
  control: RunControl,
  writer: TraceWriter,
  onProgress: Progress,
): Promise<void> {
  const total = chains.reduce((sum, { ids }) => sum + ids.length, 0);
  let before = 0;
  for (const [number, chain] of chains.entries()) {
    if (!isCompared(chain))
      for await (const record of new Comparison(decoder, chain, number, control).run()) {
        writer.write(record);
        chain.divergences.push(record);
        await onProgress(before + record.firstPosition + record.kl.length, total);
      }
    before += chain.ids.length;
  }
}

function refuseOtherModel({ header, chains }: RecordedRun, { model }: CachedDecoder): void {
  const { kvHeads, headDim, vocabulary } = model;
  const layers = model.layers.length;
  if (header.layers !== layers || header.kvHeads !== kvHeads || header.headDim !== headDim)
    throw new Error(
      `The trace is of ${header.model} with ${header.layers} layers and ${header.kvHeads} KV heads of ${header.headDim}, and this model has ${layers} and ${kvHeads} of ${headDim}: choose the model that wrote the trace.`,
    );
  const stranger = chains.flatMap(({ ids }) => ids).find((id) => id >= vocabulary);
  if (stranger !== undefined)
    throw new Error(
      `The trace of ${header.model} has the token id ${stranger}, but this model's ids end at ${vocabulary - 1}: choose the model that wrote the trace.`,
    );
}

function summary({ chains }: RecordedRun): Replay["result"] {
  const records = chains.flatMap(({ divergences }) => divergences);
  const kl = records.flatMap((record) => [...record.kl]);
  const parted = records.flatMap(({ firstPosition, sameToken }) =>
    [...sameToken].flatMap((same, i) => (same ? [] : [firstPosition + i])),
  );
  const meanKl = kl.reduce((sum, value) => sum + value, 0) / Math.max(1, kl.length);
  return { tokens: kl.length, firstDivergence: parted.length ? Math.min(...parted) : null, meanKl };
}

class Comparison {
  private readonly evicting: CachedDecoder;
  private readonly promptIds: number[];
  private nextCompaction = 0;

  constructor(
    private readonly full: CachedDecoder,
    private readonly recorded: RecordedChain,
    private readonly chain: number,
    private readonly control: RunControl,
  ) {
    this.evicting = full.sibling();
    this.promptIds = recorded.ids.slice(0, recorded.promptLength);
  }

  async *run(): AsyncGenerator<DivergenceRecord> {
    const { full, evicting, recorded, control } = this;
    try {
      let ofFull = await prefill(full, [this.promptIds], { control });
      let ofEvicting = await prefill(evicting, [this.promptIds], { control });
      const begin = comparedUpTo(recorded);
      let record = this.emptyRecord(begin);
      for (const id of recorded.ids.slice(recorded.promptLength)) {
        if (!ofFull || !ofEvicting || control.isCancelled) break;
        if (full.position >= begin) record.add(ofFull, ofEvicting, await this.lostAttention());
        if (record.length === positionsPerRecord) {
          yield record.finish();
          record = this.emptyRecord(full.position + 1);
        }
        await this.compactAsRecorded();
        ofFull = await full.feed([[id]]);
        ofEvicting = await evicting.feed([[id]]);
      }
      if (record.length > 0) yield record.finish();
    } finally {
      await evicting.dispose();
    }
  }

  private emptyRecord(firstPosition: number): DivergenceBuilder {
    const { layers, kvHeads } = this.full.model;
    return new DivergenceBuilder(this.chain, firstPosition, layers.length, kvHeads);
  }

  /** [layers, kvHeads] of the token read last; nothing is lost in a layer that sees a local window. */
  private async lostAttention(): Promise<Float32Array[]> {
    const { full, evicting } = this;
    const { kvHeads, layers } = full.model;
    const lost: Float32Array[] = [];
    for (const [layer, { localWindow }] of layers.entries()) {
      const held = evicting.positions(layer);
      const isWhole = held.length === kvHeads * full.position;
      lost.push(
        isWhole || localWindow > 0
          ? new Float32Array(kvHeads)
          : await full.attentionOn(layer, evictedOf(held, kvHeads, full.position)),
      );
    }
    return lost;
  }

  private async compactAsRecorded(): Promise<void> {
    const { compactions } = this.recorded;
    while (compactions[this.nextCompaction]?.position === this.evicting.position) {
      const { layers } = compactions[this.nextCompaction];
      if (layers.length !== this.full.model.layers.length)
        throw new Error("The trace lacks layers of a compaction: it cannot be replayed past it.");
      layers.sort((a, b) => a.layer - b.layer);
      await this.evicting.retain(layers.map(({ retained, slots }) => slotsOf(retained, slots)));
      this.nextCompaction += 1;
    }
  }
}

class DivergenceBuilder {
  private readonly kl: number[] = [];
  private readonly sameToken: number[] = [];
  private readonly lost: number[] = [];

  constructor(
    private readonly chain: number,
    private readonly firstPosition: number,
    private readonly layers: number,
    private readonly kvHeads: number,
  ) {}

  get length(): number {
    return this.kl.length;
  }

  add(ofFull: Float32Array, ofEvicting: Float32Array, lost: readonly Float32Array[]): void {
    this.kl.push(klDivergence(ofFull, ofEvicting));
    this.sameToken.push(likeliest(ofFull) === likeliest(ofEvicting) ? 1 : 0);
    for (const heads of lost) this.lost.push(...heads);
  }

  finish(): DivergenceRecord {
    const { chain, firstPosition, layers, kvHeads } = this;
    return {
      type: "divergence",
      chain,
      firstPosition,
      layers,
      kvHeads,
      kl: Float32Array.from(this.kl),
      sameToken: Uint8Array.from(this.sameToken),
      lostAttention: Float32Array.from(this.lost),
    };
  }
}

/** [kvHeads, length] 1 where no slot holds the position. */
function evictedOf(held: Uint32Array, kvHeads: number, length: number): Float32Array {
  const evicted = new Float32Array(kvHeads * length).fill(1);
  const slots = held.length / kvHeads;
  held.forEach((position, i) => (evicted[Math.floor(i / slots) * length + position] = 0));
  return evicted;
}

/** [kvHeads, n] the slots that the flags, [kvHeads, slots], mark. */
function slotsOf(retained: Uint8Array, slots: number): Int32Array {
  return Int32Array.from(
    [...retained.keys()].filter((i) => retained[i] === 1),
    (i) => i % slots,
  );
}
