/**
 * A trace like that of a real run, without a model: a chain of thought that repeats itself, keys
 * that come in clusters of near-duplicates, and R-KV's choice among them. Same seed, same bytes.
 */
import { open } from "node:fs/promises";
import { Random } from "../../shared/random";
import { defaultCacheSettings, defaultSamplingSettings } from "../../shared/settings/settings";
import { encodeHeader, encodeRecords } from "../../shared/trace/encode";
import type {
  CompactionLayerRecord,
  KeysRecord,
  TraceHeader,
  TraceRecord,
} from "../../shared/trace/records";

export interface SyntheticShape {
  tokens: number;
  layers: number;
  kvHeads: number;
  headDim: number;
  compactions: number;
  budget: number;
  seed: number;
}

const promptTokens = 48;
const window = defaultCacheSettings.observationWindow;
const lambda = defaultCacheSettings.lambda;
const millisPerToken = 50;
/** Different keys that a head knows; every token repeats one of them with some noise. */
const clusters = 64;
const words =
  "So Ned has 32 cards . Ava has 10 fewer , that is 22 . Wait , let me check : 32 - 10 = 22 . OK . Next , Hal has twice as many as Ava , so 44 .".split(
    " ",
  );

/** Writes the trace to disk piece by piece and returns its size in bytes. */
export async function synthesize(name: string, shape: SyntheticShape): Promise<number> {
  const file = await open(name, "w");
  try {
    let bytes = 0;
    const put = async (piece: Uint8Array): Promise<void> => {
      await file.writeFile(piece);
      bytes += piece.length;
    };
    await put(encodeHeader(headerOf(shape)));
    for (const records of new SyntheticRun(shape).records()) await put(encodeRecords(records));
    return bytes;
  } finally {
    await file.close();
  }
}

function headerOf({ layers, kvHeads, headDim }: SyntheticShape): TraceHeader {
  return {
    writer: "R-KV Lens, synthetic",
    model: "synthetic",
    layers,
    queryHeads: kvHeads * 6,
    kvHeads,
    headDim,
    bytesPerToken: layers * kvHeads * headDim * 8,
    device: "none",
    chains: 1,
    startedAt: 0,
    sampling: defaultSamplingSettings,
  };
}

class SyntheticRun {
  private readonly random: Random;
  /** [layers × kvHeads] positions held. */
  private readonly held: Uint32Array[];
  private readonly centres: Float32Array[];
  private readonly tokensPerPiece: number;
  private steps = 0;

  constructor(private readonly shape: SyntheticShape) {
    const { layers, kvHeads, compactions, tokens, seed } = shape;
    this.random = new Random(seed);
    this.held = Array.from({ length: layers * kvHeads }, () => new Uint32Array());
    this.centres = Array.from({ length: layers }, () => this.gaussians(clusters * shape.headDim));
    this.tokensPerPiece = Math.max(window, Math.floor(tokens / (compactions + 1)));
  }

  /** Records that belong together, compaction by compaction. */
  *records(): Generator<TraceRecord[]> {
    const { tokens, budget, compactions } = this.shape;
    const cache = { ...defaultCacheSettings, budget: { kind: "count" as const, slots: budget } };
    yield [{ type: "settings", position: 0, cache }];
    let compaction = 0;
    for (let from = 0; from < tokens; from += this.tokensPerPiece) {
      const to = Math.min(tokens, from + this.tokensPerPiece);
      yield this.tokenRecords(from, to);
      if (compaction >= compactions || to >= tokens) continue;
      yield this.compactionRecords(compaction++, from, to);
    }
    yield [{ type: "end", stopReason: "end", millis: tokens * millisPerToken, tokens }];
  }

  private tokenRecords(from: number, to: number): TraceRecord[] {
    const records: TraceRecord[] = [];
    for (let position = from; position < to; position++) {
      const isPrompt = position < promptTokens;
      const word = words[position % words.length];
      if (position === 0 || position === promptTokens || (!isPrompt && word === "Wait"))
        records.push(this.step(position, isPrompt, word));
      records.push({
        type: "tokens",
        chain: 0,
        firstPosition: position,
        ids: Uint32Array.of(position % words.length),
        logProbs: Float32Array.of(isPrompt ? NaN : -(this.random.next() ** 4)),
        millis: Float32Array.of(position * millisPerToken),
        texts: [` ${word}`],
        isPrompt,
      });
      if (position % 8 === 7) records.push(this.figures(position + 1));
    }
    return records;
  }

  private step(firstPosition: number, isPrompt: boolean, title: string): TraceRecord {
    const kind = isPrompt ? "prompt" : "thinking";
    return { type: "step", chain: 0, step: this.steps++, firstPosition, kind, title };
  }

  private figures(position: number): TraceRecord {
    const { layers, kvHeads, headDim } = this.shape;
    const perSlot = layers * kvHeads * headDim * 8;
    const held = this.held[0].length + (position % this.tokensPerPiece);
    return {
      type: "figures",
      position,
      millis: position * millisPerToken,
      kvBytes: Math.min(held, position) * perSlot,
      kvBytesFull: position * perSlot,
      tokensPerSecond: 1000 / millisPerToken,
      processBytes: 2 ** 31,
    };
  }

  private compactionRecords(compaction: number, from: number, to: number): TraceRecord[] {
    const { layers, budget, kvHeads, headDim } = this.shape;
    const perSlot = layers * kvHeads * headDim * 8;
    const before = this.held[0].length + to - from;
    const records = Array.from({ length: layers }, (_, layer) => [
      this.layerRecord(compaction, layer, from, to),
      this.keysRecord(layer, from, to),
    ]);
    return [
      {
        type: "compaction",
        chain: 0,
        compaction,
        position: to,
        cause: "buffer",
        policy: "rkv",
        lambda,
        similarityThreshold: defaultCacheSettings.similarityThreshold,
        observationWindow: window,
        budget,
        millis: 12,
        bytesBefore: before * perSlot,
        bytesAfter: Math.min(before, budget) * perSlot,
      },
      ...records.flat(),
    ];
  }

  private layerRecord(
    compaction: number,
    layer: number,
    from: number,
    to: number,
  ): CompactionLayerRecord {
    const { kvHeads } = this.shape;
    const slots = this.held[layer * kvHeads].length + to - from;
    const record: CompactionLayerRecord = {
      type: "compactionLayer",
      chain: 0,
      compaction,
      layer,
      kvHeads,
      slots,
      positions: new Uint32Array(kvHeads * slots),
      retained: new Uint8Array(kvHeads * slots),
      scores: new Float32Array(kvHeads * slots).fill(NaN),
      parts: ["importance", "redundancy"].map((name) => ({
        name,
        values: new Float32Array(kvHeads * slots).fill(NaN),
      })),
    };
    for (let head = 0; head < kvHeads; head++) this.decideHead(record, head, from, to);
    return record;
  }

  /** Scores all slots but the window, and retains the window and the best of the others. */
  private decideHead(record: CompactionLayerRecord, head: number, from: number, to: number): void {
    const { kvHeads, budget } = this.shape;
    const row = record.layer * kvHeads + head;
    const start = head * record.slots;
    const slotOf = Array.from({ length: record.slots }, (_, slot) => start + slot);
    record.positions.set(this.held[row], start);
    for (let p = from; p < to; p++) record.positions[start + this.held[row].length + p - from] = p;
    const candidates = slotOf.slice(0, record.slots - window);
    for (const cell of candidates) this.score(record, cell);
    const best = candidates.toSorted((a, b) => record.scores[b] - record.scores[a]);
    for (const cell of best.slice(0, Math.max(0, budget - window))) record.retained[cell] = 1;
    for (const cell of slotOf.slice(-window)) record.retained[cell] = 1;
    const kept = slotOf.filter((cell) => record.retained[cell] === 1);
    this.held[row] = Uint32Array.from(kept, (cell) => record.positions[cell]);
  }

  /** Numbers and the prompt matter; what the layer has often said is redundant. */
  private score(record: CompactionLayerRecord, cell: number): void {
    const [importance, redundancy] = record.parts.map(({ values }) => values);
    const position = record.positions[cell];
    const isTelling = position < promptTokens || /\d/.test(words[position % words.length]);
    const share = 1 / record.slots;
    importance[cell] = share * this.random.next() ** 3 * (isTelling ? 8 : 2);
    redundancy[cell] = share * (0.6 + 0.4 * this.random.next()) * (isTelling ? 0.7 : 1.2);
    record.scores[cell] = lambda * importance[cell] - (1 - lambda) * redundancy[cell];
  }

  private keysRecord(layer: number, from: number, to: number): KeysRecord {
    const { kvHeads, headDim } = this.shape;
    const count = to - from;
    const keys = new Float32Array(kvHeads * count * headDim);
    for (let row = 0; row < kvHeads * count; row++) {
      const cluster = ((from + (row % count)) % words.length) % clusters;
      this.fillUnitKey(keys.subarray(row * headDim, (row + 1) * headDim), layer, cluster);
    }
    const place = { chain: 0, layer, kvHeads, headDim, firstPosition: from, count };
    return { type: "keys", ...place, keys };
  }

  private fillUnitKey(key: Float32Array, layer: number, cluster: number): void {
    const centre = this.centres[layer];
    let squares = 0;
    for (let i = 0; i < key.length; i++) {
      key[i] = centre[cluster * key.length + i] + 1.2 * (this.random.next() - 0.5);
      squares += key[i] * key[i];
    }
    const scale = 1 / Math.sqrt(squares);
    for (let i = 0; i < key.length; i++) key[i] *= scale;
  }

  /** Roughly normal: the sum of four uniform numbers. */
  private gaussians(length: number): Float32Array {
    const { random } = this;
    const normal = (): number => random.next() + random.next() + random.next() + random.next() - 2;
    return Float32Array.from({ length }, normal);
  }
}
