import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ByteSource, bytesInMemory } from "../../../src/shared/trace/byteSource";
import { encodeHeader, encodeRecords } from "../../../src/shared/trace/encode";
import { fromFloat16, toFloat16 } from "../../../src/shared/trace/float16";
import { frameBytes, largestPayload } from "../../../src/shared/trace/format";
import { type TraceItem, TraceReader } from "../../../src/shared/trace/reader";
import type { CompactionLayerRecord, TraceRecord } from "../../../src/shared/trace/records";
import {
  concat,
  contentsOf,
  header,
  keysRecord,
  layerRecord,
  records,
  tokensRecord,
  traceBytes,
} from "../../support/trace/sampleTrace";

test("every kind of record comes back as it was written", async () => {
  const contents = await contentsOf(traceBytes());
  const small = records.filter(({ type }) => type !== "compactionLayer" && type !== "keys");
  assert.deepEqual(
    contents.items.filter(({ type }) => type !== "compactionLayer"),
    small,
  );
  for (const compaction of [0, 1])
    for (const layer of [0, 1])
      assert.deepEqual(
        contents.layers.get(`${compaction} ${layer}`),
        layerRecord(compaction, layer),
      );
  assert.deepEqual(contents.keys.get("1 4"), keysRecord(1, 4, 1));
  assert.equal(contents.keys.size, 10);
});

test("the decision of a layer is handed out in passing, with the slots that it evicted", async () => {
  const { items } = await contentsOf(traceBytes());
  const decision = items.find((item) => item.type === "compactionLayer");
  const { positions, retained } = layerRecord(0, 0);
  assert.deepEqual(decision?.positions, positions);
  assert.deepEqual(decision.retained, retained);
});

test("records written together or one by one read the same", async () => {
  const large = [layerRecord(0, 0, 5000), keysRecord(0, 0, 4), layerRecord(0, 1, 5000)];
  const together = concat([encodeHeader(header), encodeRecords(large)]);
  const apart = traceBytes(large);
  assert.deepEqual(await contentsOf(together), await contentsOf(apart));
});

test("any tokens, whatever their text, come back", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "grapheme", maxLength: 8 }), { maxLength: 600 }),
      async (texts) => {
        const { items } = await contentsOf(traceBytes([tokensRecord(0, texts, false)]), 0);
        assert.deepEqual(
          items.flatMap((item) => (item.type === "tokens" ? item.texts : [])),
          texts,
        );
      },
    ),
    { numRuns: 50, seed: 1 },
  );
});

test("any layer comes back cell by cell", async () => {
  const float = fc.float({ noDefaultInfinity: true });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.array(float, { minLength: 160, maxLength: 160 }),
      async (slots, floats) => {
        const column = (from: number): Float32Array =>
          Float32Array.from(floats.slice(from, from + 2 * slots));
        const record: CompactionLayerRecord = {
          ...layerRecord(0, 1, slots),
          scores: column(0),
          parts: [{ name: "age", values: column(80) }],
        };
        const contents = await contentsOf(traceBytes([record]));
        assert.deepEqual(contents.layers.get("0 1"), record);
      },
    ),
    { numRuns: 50, seed: 2 },
  );
});

test("a record too large for its frame is written as several and read as one", async () => {
  const layer = layerRecord(0, 0, 300_000);
  const keys = keysRecord(0, 0, 150_000);
  const bytes = concat([encodeHeader(header), encodeRecords([layer, keys])]);
  const frames = frameLengths(bytes, encodeHeader(header).length);
  assert.ok(frames.length > 5);
  assert.ok(Math.max(...frames) <= largestPayload);
  const reader = await TraceReader.open(bytesInMemory(bytes));
  await reader.refresh(() => undefined);
  assert.deepEqual(await reader.layer(0, 0, 0), layer);
  const last = await reader.keys(0, 0, 149_999);
  assert.ok(last && last.firstPosition > 0);
  const row = last.keys.subarray((149_999 - last.firstPosition) * 4).subarray(0, 4);
  assert.deepEqual(row, keys.keys.subarray(149_999 * 4, 150_000 * 4));
});

test("scores and keys behind a directory are passed over unread", async () => {
  const large = [layerRecord(0, 0, 50_000), keysRecord(0, 0, 60_000)];
  const after: TraceRecord = { type: "end", stopReason: "end", millis: 0, tokens: 0 };
  const bytes = concat([encodeHeader(header), encodeRecords(large), encodeRecords([after])]);
  const { source, counted } = counting(bytesInMemory(bytes));
  const reader = await TraceReader.open(source);
  const types: string[] = [];
  await reader.refresh((item) => types.push(item.type));
  assert.deepEqual(types, ["compactionLayer", "end"]);
  assert.ok(
    counted.bytes < bytes.length / 2,
    `${counted.bytes} of ${bytes.length} bytes were read`,
  );
});

test("a file that grows piece by piece gives the same records, each just once", async () => {
  const large = [layerRecord(0, 0, 5000), layerRecord(0, 1, 5000)];
  const bytes = concat([traceBytes(), encodeRecords(large)]);
  const all = await itemsOf(bytes);
  for (const piece of [97, 1013, 40_001]) {
    let length = encodeHeader(header).length;
    const source: ByteSource = {
      size: () => Promise.resolve(length),
      read: (offset, most) =>
        Promise.resolve(bytes.slice(offset, Math.min(offset + most, length)).buffer),
    };
    const reader = await TraceReader.open(source);
    const items: TraceItem[] = [];
    for (; length < bytes.length; length = Math.min(bytes.length, length + piece))
      await reader.refresh((item) => items.push(item));
    await reader.refresh((item) => items.push(item));
    assert.deepEqual(items, all);
    assert.equal(reader.recovery.problem, undefined);
  }
});

test("half precision is exact both ways for every half, and rounds to the nearest one", () => {
  const halves = Uint16Array.from({ length: 65_536 }, (_, half) => half);
  const values = fromFloat16(halves);
  toFloat16(values).forEach((half, i) => {
    if (!Number.isNaN(values[i])) assert.equal(half, i);
  });
  fc.assert(
    fc.property(fc.float({ min: -65_504, max: 65_504, noNaN: true }), (value) => {
      const [near] = fromFloat16(toFloat16(Float32Array.of(value)));
      assert.ok(Math.abs(near - value) <= Math.max(2 ** -25, Math.abs(value) * 2 ** -11));
    }),
    { seed: 3 },
  );
});

async function itemsOf(bytes: Uint8Array): Promise<TraceItem[]> {
  const reader = await TraceReader.open(bytesInMemory(bytes));
  const items: TraceItem[] = [];
  await reader.refresh((item) => items.push(item));
  return items;
}

function counting(source: ByteSource): { source: ByteSource; counted: { bytes: number } } {
  const counted = { bytes: 0 };
  const read = async (offset: number, length: number): Promise<ArrayBuffer> => {
    const bytes = await source.read(offset, length);
    counted.bytes += bytes.byteLength;
    return bytes;
  };
  return { source: { size: () => source.size(), read }, counted };
}

function frameLengths(bytes: Uint8Array, from: number): number[] {
  const view = new DataView(bytes.buffer);
  const lengths: number[] = [];
  for (let at = from; at < bytes.length; at += frameBytes + lengths.at(-1)!)
    lengths.push(view.getUint32(at, true));
  return lengths;
}
