/** What a reader makes of a trace that was cut, flipped or forged. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../../src/shared/random";
import { bytesInMemory } from "../../../src/shared/trace/byteSource";
import { crc32 } from "../../../src/shared/trace/crc32";
import { encodeHeader, encodeRecords } from "../../../src/shared/trace/encode";
import { frameBytes, preludeBytes, TraceFormatError } from "../../../src/shared/trace/format";
import { TraceReader } from "../../../src/shared/trace/reader";
import {
  type Contents,
  concat,
  contentsOf,
  header,
  keysRecord,
  layerRecord,
  records,
  traceBytes,
} from "../../support/trace/sampleTrace";

const whole = traceBytes();
const headerLength = encodeHeader(header).length;

/** Ends of the records, in bytes from the file's start. */
const ends = records.reduce<number[]>(
  (list, record) => [...list, (list.at(-1) ?? headerLength) + encodeRecords([record]).length],
  [],
);

function isPartOf(part: Contents, all: Contents): void {
  assert.deepEqual(part.items, all.items.slice(0, part.items.length));
  for (const [name, record] of part.layers) assert.deepEqual(record, all.layers.get(name));
  for (const [name, record] of part.keys) assert.deepEqual(record, all.keys.get(name));
}

test("a file cut at any byte gives every record that is whole, and says how much that is", async () => {
  const all = await contentsOf(whole);
  for (let length = headerLength; length <= whole.length; length++) {
    const bytes = whole.subarray(0, length);
    const part = await contentsOf(bytes);
    isPartOf(part, all);
    const wholeRecords = records.slice(0, ends.filter((end) => end <= length).length);
    const count = (type: string): number =>
      wholeRecords.filter((each) => each.type === type).length;
    assert.equal(part.layers.size, count("compactionLayer"), `layers at ${length}`);
    const positions = wholeRecords.reduce(
      (sum, each) => sum + (each.type === "keys" ? each.count : 0),
      0,
    );
    assert.equal(part.keys.size, positions, `keys at ${length}`);
    const others = wholeRecords.length - count("compactionLayer") - count("keys");
    assert.equal(part.items.filter(({ type }) => type !== "compactionLayer").length, others);
  }
});

test("a cut file says where it ends", async () => {
  const reader = await TraceReader.open(bytesInMemory(whole.subarray(0, ends[4] + 5)));
  await reader.refresh(() => undefined);
  assert.deepEqual(reader.recovery, {
    bytes: ends[4],
    of: ends[4] + 5,
    problem: `The trace is cut within its record at byte ${ends[4]}.`,
  });
});

test("a file that is cut within its header is refused by one sentence", async () => {
  for (let length = 0; length < headerLength; length++)
    await assert.rejects(contentsOf(whole.subarray(0, length)), TraceFormatError);
});

test("no flipped byte ever shows a wrong row as good", async () => {
  const all = await contentsOf(whole);
  for (let at = 0; at < whole.length; at++) {
    const bytes = whole.slice();
    bytes[at] ^= at % 3 === 0 ? 0xff : 1 << (at % 8);
    const part = await contentsOf(bytes).catch((error: unknown) => {
      assert.ok(error instanceof TraceFormatError && at < headerLength);
    });
    if (part) isPartOf(part, all);
  }
});

test("no flipped byte in a directory, or in what it lists, shows a wrong row as good", async () => {
  const large = [0, 1].flatMap((c) => [layerRecord(c, 0, 3000), layerRecord(c, 1, 3000)]);
  const bytes = concat([encodeHeader(header), encodeRecords([...records.slice(0, 5), ...large])]);
  const all = await contentsOf(bytes);
  assert.equal(all.layers.size, 4);
  for (let at = headerLength; at < bytes.length; at += 997) {
    const flipped = bytes.slice();
    flipped[at] ^= 0x10;
    isPartOf(await contentsOf(flipped), all);
  }
});

test("an unknown major version is refused by its number, an unknown record type is passed over", async () => {
  const newer = whole.slice();
  newer[8] = 7;
  await assert.rejects(contentsOf(newer), /format 7\.0/);

  const unknown = encodeRecords([{ type: "end", stopReason: "", millis: 0, tokens: 0 }]);
  unknown[4] = 200;
  seal(unknown, 0);
  const items = (await contentsOf(concat([traceBytes(records.slice(0, 3)), unknown, traceEnd()])))
    .items;
  assert.deepEqual(
    items.map(({ type }) => type),
    ["settings", "step", "tokens", "end"],
  );
});

test("no mutant of a trace is more than a TraceFormatError, checksums right or wrong", async () => {
  const random = new Random(7);
  for (let mutant = 0; mutant < 4000; mutant++) {
    const bytes = mutated(whole, random);
    if (mutant % 2 === 0) sealAll(bytes);
    await contentsOf(bytes).catch((error: unknown) => {
      assert.ok(error instanceof TraceFormatError, String(error));
    });
  }
});

test("hostile numbers behind right checksums are refused", async () => {
  const hostile = [
    { ...layerRecord(0, 0), layer: 9 },
    { ...layerRecord(0, 0), positions: Uint32Array.from({ length: 8 }, (_, i) => 8 - i) },
    { ...layerRecord(0, 0), retained: new Uint8Array(8).fill(2) },
    { ...layerRecord(0, 0), slots: 4000 },
    { ...layerRecord(0, 0), chain: 3 },
    { ...keysRecord(0, 0, 4), kvHeads: 1024 },
  ];
  for (const record of hostile) {
    const contents = await contentsOf(traceBytes([record]));
    assert.equal(contents.layers.size + contents.keys.size, 0, JSON.stringify(record));
  }
});

function traceEnd(): Uint8Array {
  return encodeRecords([{ type: "end", stopReason: "end", millis: 1, tokens: 0 }]);
}

function mutated(original: Uint8Array, random: Random): Uint8Array {
  const bytes = [...original.slice(0, random.integer(preludeBytes, original.length))];
  for (let change = random.integer(1, 4); change > 0; change--) {
    const at = random.integer(headerLength, bytes.length + headerLength);
    const length = random.integer(0, 6);
    const added = Array.from({ length: random.integer(0, 6) }, () => random.integer(0, 255));
    bytes.splice(at, length, ...added);
  }
  return Uint8Array.from(bytes);
}

/** Makes every checksum right, as far as the lengths lead. */
function sealAll(bytes: Uint8Array): void {
  for (let at = headerLength; at + frameBytes <= bytes.length;) at = seal(bytes, at);
}

/** Makes the checksum of the frame at a place right; the place after it. */
function seal(bytes: Uint8Array, at: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const end = at + frameBytes + view.getUint32(at, true);
  const payload = bytes.subarray(at + frameBytes, end);
  view.setUint32(at + 5, crc32(bytes.subarray(at, at + 5), payload), true);
  return end;
}
