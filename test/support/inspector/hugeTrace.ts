/** As large as runs become: 16,384 tokens × 28 layers × 2 heads × 128 compactions, with scores. */
import { encodeHeader, encodeRecords } from "../../../src/shared/trace/encode";
import type { TraceRecord } from "../../../src/shared/trace/records";
import { compactionRecord, headerOf, tokensRecord } from "./sampleRun";

const shape = { layers: 28, kvHeads: 2 };
const compactions = 128;
const buffer = 128;
const budget = 96;
const window = 2;

export function hugeTrace(): Uint8Array {
  const tokens = compactions * buffer;
  const records: TraceRecord[] = [
    tokensRecord(tokens) as TraceRecord,
    ...steps(tokens),
    ...keys(tokens),
  ];
  let held = Array.from({ length: shape.layers }, () => heads(() => [] as number[]));
  for (let compaction = 0; compaction < compactions; compaction++) {
    const position = (compaction + 1) * buffer;
    const fresh = Array.from({ length: buffer }, (_, index) => position - buffer + index);
    records.push(compactionRecord(compaction, position, budget));
    held = held.map((rows, layer) => {
      const slots = rows.map((row) => [...row, ...fresh]);
      const kept = slots.map((row, head) => survivors(row, layer * shape.kvHeads + head));
      records.push(decision(compaction, layer, slots, kept));
      return kept;
    });
  }
  return Buffer.concat([encodeHeader(headerOf(shape)), encodeRecords(records)]);
}

const heads = <T>(make: () => T): T[] => Array.from({ length: shape.kvHeads }, make);

function steps(tokens: number): TraceRecord[] {
  return Array.from({ length: 800 }, (_, step) => ({
    type: "step",
    chain: 0,
    step,
    firstPosition: Math.floor((step * tokens) / 800),
    kind: step === 0 ? "prompt" : "thinking",
    title: `step ${step}`,
  }));
}

/** Of every layer, all in one record: those of another layer are the same, elsewhere. */
function keys(tokens: number): TraceRecord[] {
  const { headDim } = headerOf(shape);
  return Array.from({ length: shape.layers }, (_, layer) => {
    const values = Float32Array.from({ length: shape.kvHeads * tokens * headDim }, (__, index) =>
      index % headDim === (Math.floor(index / headDim) + layer) % headDim ? 1 : 0,
    );
    const place = { chain: 0, layer, kvHeads: shape.kvHeads, headDim };
    return { type: "keys", ...place, firstPosition: 0, count: tokens, keys: values };
  });
}

/** As if drawn by lot: whoever has a low number goes first. */
function lot(position: number, row: number): number {
  return Math.imul(position + 1, 2654435761 + 2 * row) >>> 8;
}

function survivors(slots: number[], row: number): number[] {
  const newest = slots.slice(-window);
  const others = slots.slice(0, -window).sort((a, b) => lot(b, row) - lot(a, row));
  return [...others.slice(0, budget - window), ...newest].sort((a, b) => a - b);
}

function decision(
  compaction: number,
  layer: number,
  slots: number[][],
  kept: number[][],
): TraceRecord {
  const cells = slots.flatMap((row, head) => {
    const survives = new Set(kept[head]);
    return row.map((position, slot) => {
      const score = slot < row.length - window ? lot(position, layer * shape.kvHeads + head) : NaN;
      return { position, retained: survives.has(position) ? 1 : 0, score: score / 2 ** 24 };
    });
  });
  const scores = Float32Array.from(cells, ({ score }) => score);
  return {
    type: "compactionLayer",
    chain: 0,
    compaction,
    layer,
    kvHeads: shape.kvHeads,
    slots: slots[0].length,
    positions: Uint32Array.from(cells, ({ position }) => position),
    retained: Uint8Array.from(cells, ({ retained }) => retained),
    scores,
    parts: ["importance", "redundancy"].map((name) => ({ name, values: scores })),
  };
}
