/** A golden case as a trace of one layer and one compaction. */
import { encodeHeader, encodeRecords } from "../../../src/shared/trace/encode";
import type { CompactionLayerRecord, TraceRecord } from "../../../src/shared/trace/records";
import type { goldenCase } from "./golden";
import { unitKeys } from "./golden";
import { compactionRecord, headerOf, tokensRecord } from "./sampleRun";

export function goldenTrace({ tensor, meta }: ReturnType<typeof goldenCase>): Uint8Array {
  const [kvHeads, slots, headDim] = tensor("key").shape;
  const place = { chain: 0, layer: 0, kvHeads };
  const records: TraceRecord[] = [
    tokensRecord(slots) as TraceRecord,
    {
      ...compactionRecord(0, slots, tensor("kept.rkv").shape[1]),
      lambda: Number(meta.lambda_),
      similarityThreshold: Number(meta.threshold),
    },
    decisionOf(tensor, kvHeads, slots),
    {
      type: "keys",
      ...place,
      headDim,
      firstPosition: 0,
      count: slots,
      keys: unitKeys(tensor("key").values as Float32Array, headDim),
    },
  ];
  const header = { ...headerOf({ layers: 1, kvHeads }), headDim };
  return Buffer.concat([encodeHeader(header), encodeRecords(records)]);
}

function decisionOf(
  tensor: ReturnType<typeof goldenCase>["tensor"],
  kvHeads: number,
  slots: number,
): CompactionLayerRecord {
  const [, candidates] = tensor("score").shape;
  const [, kept] = tensor("kept.rkv").shape;
  const padded = (name: string) =>
    Float32Array.from({ length: kvHeads * slots }, (_, cell) => {
      const [head, slot] = [Math.floor(cell / slots), cell % slots];
      return slot < candidates ? tensor(name).values[head * candidates + slot] : NaN;
    });
  const retained = new Uint8Array(kvHeads * slots);
  tensor("kept.rkv").values.forEach((slot, at) => {
    retained[Math.floor(at / kept) * slots + slot] = 1;
  });
  return {
    type: "compactionLayer",
    chain: 0,
    compaction: 0,
    layer: 0,
    kvHeads,
    slots,
    retained,
    positions: Uint32Array.from({ length: kvHeads * slots }, (_, cell) => cell % slots),
    scores: padded("score"),
    parts: ["importance", "redundancy"].map((name) => ({ name, values: padded(name) })),
  };
}
