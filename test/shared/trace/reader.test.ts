/** What a reader hands out, when, and how it puts what it cannot hand out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ByteSource, bytesInMemory } from "../../../src/shared/trace/byteSource";
import { encodeHeader, encodeRecords, frame } from "../../../src/shared/trace/encode";
import { frameBytes, largestFile, typeCodes } from "../../../src/shared/trace/format";
import { packPayload } from "../../../src/shared/trace/payload";
import { type TraceItem, TraceReader } from "../../../src/shared/trace/reader";
import type { CompactionLayerRecord } from "../../../src/shared/trace/records";
import {
  concat,
  header,
  keysRecord,
  layerRecord,
  records,
  tokensRecord,
  traceBytes,
} from "../../support/trace/sampleTrace";

const start = encodeHeader(header);
const fileOf = (...frames: Uint8Array[]): Uint8Array => concat([start, ...frames]);
const openBytes = (bytes: Uint8Array): Promise<TraceReader> =>
  TraceReader.open(bytesInMemory(bytes));

/** A reader that has read all that it could. */
async function readerOf(bytes: Uint8Array): Promise<{ reader: TraceReader; items: TraceItem[] }> {
  const reader = await openBytes(bytes);
  const items: TraceItem[] = [];
  await reader.refresh((item) => items.push(item));
  return { reader, items };
}

/** The frames of a file, with the code of their type. */
function framesOf(bytes: Uint8Array): { offset: number; length: number; type: number }[] {
  const view = new DataView(bytes.buffer);
  const frames = [];
  for (let offset = start.length; offset < bytes.length;) {
    const length = frameBytes + view.getUint32(offset, true);
    frames.push({ offset, length, type: bytes[offset + 4] });
    offset += length;
  }
  return frames;
}

/** A layer's record as its two frames. */
function partsOf(record: CompactionLayerRecord): { decision: Uint8Array; scores: Uint8Array } {
  const bytes = encodeRecords([record]);
  const [{ length }] = framesOf(fileOf(bytes));
  return { decision: bytes.subarray(0, length), scores: bytes.subarray(length) };
}

const scoresAndKeys = (bytes: Uint8Array) =>
  framesOf(bytes).filter(({ type }) => type === typeCodes.scores || type === typeCodes.keys);

test("a file of 2 GiB is opened, and one byte more is not", async () => {
  const whole = bytesInMemory(traceBytes());
  const ofSize = (size: number): ByteSource => ({ ...whole, size: () => Promise.resolve(size) });
  assert.deepEqual((await TraceReader.open(ofSize(largestFile))).header, header);
  await assert.rejects(TraceReader.open(ofSize(largestFile + 1)), {
    name: "TraceFormatError",
    message: `This trace has ${largestFile + 1} bytes; more than 2 GiB are not opened.`,
  });
});

test("two who ask at once get each record once between them", async () => {
  const all = await readerOf(traceBytes());
  const reader = await openBytes(traceBytes());
  const items: TraceItem[] = [];
  const read = (): Promise<void> => reader.refresh((item) => items.push(item));
  await Promise.all([read(), read()]);
  assert.deepEqual(items, all.items);
});

test("a record that its visitor throws at is handed out again, and so are those behind it", async () => {
  const all = await readerOf(traceBytes());
  const reader = await openBytes(traceBytes());
  const refuse = (item: TraceItem): void => {
    if (item.type === "tokens") throw new Error("not now");
  };
  await assert.rejects(reader.refresh(refuse), /not now/);
  const items: TraceItem[] = [];
  await reader.refresh((item) => items.push(item));
  assert.deepEqual(items, all.items.slice(2));
});

test("who has enough gets no more, and goes on from there", async () => {
  const all = await readerOf(traceBytes());
  const reader = await openBytes(traceBytes());
  const items: TraceItem[] = [];
  const push = (item: TraceItem): void => void items.push(item);
  await reader.refresh(push, () => items.length === 3);
  assert.equal(items.length, 3);
  assert.equal(reader.recovery.problem, undefined);
  await reader.refresh(push);
  assert.deepEqual(items, all.items);
});

test("a source that fails is no damage of the trace: its error comes through", async () => {
  const gone = (): Promise<never> => Promise.reject(new Error("gone"));
  const source = bytesInMemory(traceBytes());
  const failing: ByteSource = { ...source };
  const reader = await TraceReader.open(failing);
  failing.read = gone;
  await assert.rejects(
    reader.refresh(() => undefined),
    /^Error: gone$/,
  );
  failing.read = source.read.bind(source);
  await reader.refresh(() => undefined);
  failing.read = gone;
  await assert.rejects(reader.damagedPlaces(), /^Error: gone$/);
});

test("nothing is read of what cannot be there yet", async () => {
  let reads = 0;
  const source = bytesInMemory(traceBytes());
  const read: ByteSource["read"] = (offset, length) => {
    reads += 1;
    return source.read(offset, length);
  };
  const reader = await TraceReader.open({ ...source, read });
  await reader.refresh(() => undefined);
  reads = 0;
  await reader.refresh(() => undefined);
  assert.equal(reads, 0);
});

test("a whole file has no problem, and one with up to eight bytes more is cut within a record", async () => {
  const whole = traceBytes();
  const { length } = whole;
  assert.deepEqual((await readerOf(whole)).reader.recovery, {
    bytes: length,
    of: length,
    problem: undefined,
  });
  for (let more = 1; more < frameBytes; more++) {
    const { reader } = await readerOf(concat([whole, new Uint8Array(more)]));
    assert.deepEqual(reader.recovery, {
      bytes: length,
      of: length + more,
      problem: `The trace is cut within its record at byte ${length}.`,
    });
  }
});

test("a torn end that is written over is read as it is then", async () => {
  const [first, second] = [records.slice(0, 3), records.slice(3)].map((some) =>
    traceBytes(some).subarray(start.length),
  );
  const torn = encodeRecords([tokensRecord(2, ["something", " else"], false)]).subarray(0, 20);
  let bytes = fileOf(first, torn);
  const source: ByteSource = {
    size: () => bytesInMemory(bytes).size(),
    read: (offset, length) => bytesInMemory(bytes).read(offset, length),
  };
  const reader = await TraceReader.open(source);
  const items: TraceItem[] = [];
  await reader.refresh((item) => items.push(item));
  bytes = fileOf(first, second);
  await reader.refresh((item) => items.push(item));
  assert.deepEqual(items, (await readerOf(traceBytes())).items);
});

test("tokens go on where the ones before ended, or reading does", async () => {
  const tokens = [tokensRecord(0, ["a", "b"], true), tokensRecord(3, ["d"], false)];
  const { reader, items } = await readerOf(traceBytes(tokens));
  assert.equal(items.length, 1);
  const [, second] = framesOf(traceBytes(tokens));
  assert.equal(
    reader.recovery.problem,
    `The record at byte ${second.offset} cannot be read: its tokens begin at 3, not 2.`,
  );
  assert.equal(reader.recovery.bytes, second.offset);
});

test("each chain's tokens are counted by themselves", async () => {
  const two = { ...header, chains: 2 };
  const of = (chain: number, position: number) => ({
    ...tokensRecord(position, ["a", "b"], true),
    chain,
  });
  const bytes = traceBytes([of(0, 0), of(1, 0), of(0, 2), of(1, 2)], two);
  assert.equal((await readerOf(bytes)).items.length, 4);
});

test("what was passed over and is damaged is found, each at its place, and nothing in a sound file", async () => {
  const whole = traceBytes();
  assert.deepEqual(await (await readerOf(whole)).reader.damagedPlaces(), []);
  for (const { offset, length } of scoresAndKeys(whole)) {
    const damaged = whole.slice();
    damaged[offset + length - 1] ^= 1;
    const found = await (await readerOf(damaged)).reader.damagedPlaces();
    assert.deepEqual(
      found.map((place) => [place.offset, place.length]),
      [[offset, length]],
    );
  }
});

test("a decision in two records is one, and one that lacks its second half is none", async () => {
  const whole = layerRecord(0, 0, 4);
  const { chain, compaction, layer, kvHeads, slots, positions, retained } = whole;
  const half = (firstCell: number): Uint8Array =>
    frame(
      "compactionLayer",
      packPayload({ chain, compaction, layer, kvHeads, slots, firstCell, cells: 4 }, [
        positions.subarray(firstCell, firstCell + 4),
        retained.subarray(firstCell, firstCell + 4),
      ]),
    );
  const { items } = await readerOf(fileOf(half(0), half(4)));
  assert.equal(items.length, 1);
  assert.ok(items[0].type === "compactionLayer");
  assert.deepEqual(items[0].positions, positions);

  const next = partsOf(layerRecord(0, 1, 4)).decision;
  const after = await readerOf(fileOf(half(0), next));
  assert.deepEqual(
    after.items.map((item) => item.type === "compactionLayer" && item.layer),
    [1],
  );
  assert.equal(await after.reader.layer(0, 0, 0), undefined);
});

test("a layer is given out with both its halves only, and only where they belong together", async () => {
  const { decision, scores } = partsOf(layerRecord(0, 0, 4));
  for (const part of [decision, scores])
    assert.equal(await (await readerOf(fileOf(part))).reader.layer(0, 0, 0), undefined);
  const whole = await readerOf(fileOf(decision, scores));
  assert.deepEqual(await whole.reader.layer(0, 0, 0), layerRecord(0, 0, 4));
  const others = partsOf(layerRecord(0, 0, 5)).scores;
  const mixed = await readerOf(fileOf(decision, others));
  await assert.rejects(mixed.reader.layer(0, 0, 0), /scores of layer 0 are those of another one/);
});

/** A directory that says this of the frames behind it. */
function directory(frames: { bytes: Uint8Array; head: object; type?: number }[], more = 0) {
  const listed = frames.map(({ bytes, head, type = bytes[4] }) => ({
    type,
    payloadBytes: bytes.length - frameBytes,
    head,
  }));
  const bytes = frames.reduce((sum, each) => sum + each.bytes.length, more);
  return frame("directory", packPayload({ bytes, frames: listed }));
}

const keys = encodeRecords([keysRecord(0, 4, 2)]);
const keysHead = { chain: 0, layer: 0, kvHeads: 2, headDim: 4, firstPosition: 4, count: 2 };

test("what a directory lists is given out as if it had been read", async () => {
  const { reader } = await readerOf(fileOf(directory([{ bytes: keys, head: keysHead }]), keys));
  assert.deepEqual(await reader.keys(0, 0, 5), keysRecord(0, 4, 2));
  assert.deepEqual(reader.keysPlace(0, 0, 6), undefined);
  assert.equal(reader.recovery.problem, undefined);
});

for (const [what, lie] of Object.entries({
  layer: { layer: 1 },
  "first position": { firstPosition: 3 },
  count: { count: 3 },
  chain: { chain: 1 },
}))
  test(`a directory that lies about the ${what} of keys is found out`, async () => {
    const head = { ...keysHead, ...lie };
    const two = encodeHeader({ ...header, chains: 2 });
    const bytes = concat([two, directory([{ bytes: keys, head }]), keys]);
    const { reader } = await readerOf(bytes);
    await assert.rejects(
      reader.keys(head.chain, head.layer, head.firstPosition),
      /keys of layer \d are those of another one/,
    );
  });

test("what follows a directory's frames is asked for while all before it is given out", async () => {
  const large = Array.from({ length: 2 }, () => frame("keys", new Uint8Array(600_000)));
  const heads = large.map((bytes) => ({ bytes, head: keysHead }));
  const text = encodeRecords([tokensRecord(0, ["Ned", " has"], true)]);
  const before = fileOf(text, directory(heads));
  const source = bytesInMemory(
    concat([before, ...large, encodeRecords([tokensRecord(2, ["Wait"], false)])]),
  );
  let asked: number[] = [];
  const read = (offset: number, length: number): Promise<ArrayBuffer> => {
    asked.push(offset);
    return source.read(offset, length);
  };
  const reader = await TraceReader.open({ ...source, read });
  asked = [];
  const atEach: number[][] = [];
  await reader.refresh(() => atEach.push([...asked]));
  const both = [start.length, before.length + 2 * large[0].length];
  assert.deepEqual(atEach, [both, both]);
});

test("a directory whose frames are not all there yet is passed by, and what is there is given out", async () => {
  const more = encodeRecords([keysRecord(1, 4, 2)]);
  const listed = directory([
    { bytes: keys, head: { ...keysHead, firstPosition: 0 } },
    { bytes: more, head: { ...keysHead, layer: 1 } },
  ]);
  const { reader } = await readerOf(fileOf(listed, keys, more.subarray(0, -1)));
  assert.deepEqual(await reader.keys(0, 0, 4), keysRecord(0, 4, 2));
  assert.equal(await reader.keys(0, 1, 4), undefined);
});

test("a directory whose frames do not add up is damaged, and so is one that lists what cannot be", async () => {
  for (const [listed, why] of [
    [directory([{ bytes: keys, head: keysHead }], 1), /its frames do not add up to its bytes/],
    [directory([{ bytes: keys, head: { ...keysHead, layer: 7 } }]), /layer or KV heads are not/],
    [directory([{ bytes: keys, head: { ...keysHead, chain: 7 } }]), /its chain 7 is not in/],
  ] as const) {
    const { reader } = await readerOf(fileOf(listed, keys));
    assert.match(reader.recovery.problem ?? "", why);
    assert.equal(await reader.keys(0, 0, 4), undefined);
  }
});

test("a directory's frames of other types are passed over", async () => {
  const end = encodeRecords([{ type: "end", stopReason: "end", millis: 1, tokens: 0 }]);
  const { reader, items } = await readerOf(
    fileOf(directory([{ bytes: end, head: {} }]), end, keys),
  );
  assert.deepEqual(items, []);
  assert.deepEqual(await reader.keys(0, 0, 4), keysRecord(0, 4, 2));
});
