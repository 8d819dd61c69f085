/** Header and frames at the limits of their lengths, and what is refused beyond them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesInMemory, ByteWindow } from "../../../src/shared/trace/byteSource";
import { crc32 } from "../../../src/shared/trace/crc32";
import { encodeHeader, frame } from "../../../src/shared/trace/encode";
import {
  frameBytes,
  largestHeader,
  largestPayload,
  preludeBytes,
  typeCodes,
} from "../../../src/shared/trace/format";
import {
  fetchPayload,
  peekHead,
  readFileHead,
  readFrameHead,
  readPayload,
} from "../../../src/shared/trace/frameReader";
import { packPayload } from "../../../src/shared/trace/payload";
import type { TraceHeader } from "../../../src/shared/trace/records";
import { concat, header } from "../../support/trace/sampleTrace";

const window = (bytes: Uint8Array): ByteWindow => new ByteWindow(bytesInMemory(bytes));
const refused = (work: Promise<unknown>, message: RegExp | string): Promise<void> =>
  assert.rejects(work, { name: "TraceFormatError", message });

const payload = packPayload({ a: 1 });
const end = frame("end", payload);
const place = { offset: 0, length: end.length };

/** A header whose JSON takes so many bytes. */
function headerOf(bytes: number): TraceHeader {
  const empty = { ...header, slotOrders: {} };
  const names: Record<string, "position"> = {};
  for (let name = 0; JSON.stringify({ ...empty, slotOrders: names }).length < bytes - 2_000; name++)
    names[String(name).padEnd(900, ".")] = "position";
  const missing = bytes - JSON.stringify({ ...empty, slotOrders: names }).length;
  const half = Math.floor(missing / 2);
  const entry = JSON.stringify({ "": "position" }).length - 1; // With its comma, without a brace.
  names["a".repeat(half - entry)] = "position";
  names["b".repeat(missing - half - entry)] = "position";
  return { ...empty, slotOrders: names };
}

/** The header's bytes with another length or version written over, and the checksum right again. */
function changedHeader(change: (view: DataView) => void, json = new Uint8Array()): Uint8Array {
  const bytes = concat([encodeHeader(header), json]);
  const view = new DataView(bytes.buffer);
  change(view);
  const length = view.getUint32(12, true);
  const sum = crc32(bytes.subarray(0, 16), bytes.subarray(preludeBytes, preludeBytes + length));
  view.setUint32(16, sum, true);
  return bytes;
}

test("a header is read up to its largest size, with where the first frame begins", async () => {
  for (const of of [header, headerOf(largestHeader)]) {
    const bytes = encodeHeader(of);
    assert.deepEqual(await readFileHead(bytesInMemory(bytes)), {
      header: of,
      minor: 0,
      bytes: bytes.length,
    });
  }
  assert.equal(encodeHeader(headerOf(largestHeader)).length, preludeBytes + largestHeader);
});

test("a header that is larger is damage, however right its checksum", async () => {
  const spaces = new Uint8Array(largestHeader).fill(0x20);
  const json = encodeHeader(header).length - preludeBytes;
  const longer = (by: number) =>
    changedHeader((view) => view.setUint32(12, json + by, true), spaces);
  const fits = await readFileHead(bytesInMemory(longer(largestHeader - json)));
  assert.deepEqual(fits.header, header);
  const damaged = /damaged in its header/;
  await refused(readFileHead(bytesInMemory(longer(largestHeader - json + 1))), damaged);
  await refused(readFileHead(bytesInMemory(encodeHeader(header).slice(0, -1))), damaged);
});

test("what does not begin as a trace does is none, and a later format is told by its number", async () => {
  const whole = encodeHeader(header);
  const none = /^This file is not an R-KV Lens trace/;
  for (const length of [0, 8, preludeBytes - 1])
    await refused(readFileHead(bytesInMemory(whole.slice(0, length))), none);
  for (const at of [0, 7]) {
    const other = whole.slice();
    other[at] ^= 1;
    await refused(readFileHead(bytesInMemory(other)), none);
  }
  const later = changedHeader((view) => {
    view.setUint16(8, 2, true);
    view.setUint16(10, 5, true);
  });
  await refused(readFileHead(bytesInMemory(later)), /format 2\.5, and .* reads format 1;/);
  const sameMajor = changedHeader((view) => view.setUint16(10, 5, true));
  assert.equal((await readFileHead(bytesInMemory(sameMajor))).minor, 5);
});

test("a frame's head tells type and length, up to the largest payload", async () => {
  assert.deepEqual(await readFrameHead(window(end), 0), {
    type: typeCodes.end,
    payloadBytes: payload.length,
  });
  assert.equal(await readFrameHead(window(end.slice(0, frameBytes - 1)), 0), undefined);
  const claiming = (bytes: number): Uint8Array => {
    const claimed = end.slice();
    new DataView(claimed.buffer).setUint32(0, bytes, true);
    return claimed;
  };
  const largest = await readFrameHead(window(claiming(largestPayload)), 0);
  assert.equal(largest?.payloadBytes, largestPayload);
  await refused(
    readFrameHead(window(claiming(largestPayload + 1)), 0),
    `it claims ${largestPayload + 1} bytes, more than a record may have`,
  );
});

test("a payload comes whole and with its checksum right, or not at all", async () => {
  const source = (bytes: Uint8Array) => bytesInMemory(bytes);
  assert.deepEqual(await readPayload(window(end), place), payload.buffer);
  assert.equal(await readPayload(window(end.slice(0, -1)), place), undefined);
  assert.deepEqual(await fetchPayload(source(end), typeCodes.end, place), payload.buffer);
  for (let at = 4; at < end.length; at++) {
    const flipped = end.slice();
    flipped[at] ^= 1;
    await refused(readPayload(window(flipped), place), "its checksum is wrong");
  }
});

test("a payload that is fetched is refused where it is not what was noted of its place", async () => {
  const elsewhere = /^The record at byte 0 is not what its directory says\.$/;
  const longer = concat([end, Uint8Array.of(0)]);
  for (const [bytes, type, length] of [
    [end.slice(0, -1), typeCodes.end, end.length],
    [end, typeCodes.keys, end.length],
    [longer, typeCodes.end, end.length + 1],
    [end, typeCodes.end, end.length - 1],
    [end, typeCodes.end, frameBytes - 1],
  ] as const)
    await refused(fetchPayload(bytesInMemory(bytes), type, { offset: 0, length }), elsewhere);
});

test("a head is peeked at without the rest, and not beyond the record's end", async () => {
  const scores = frame("scores", packPayload({ cells: 3 }, [new Uint8Array(64)]));
  const all = { offset: 0, length: scores.length };
  const headEnd = frameBytes + 4 + JSON.stringify({ cells: 3 }).length;
  assert.deepEqual(await peekHead(window(scores), all), { cells: 3 });
  assert.deepEqual(await peekHead(window(scores), { offset: 0, length: headEnd }), { cells: 3 });
  await refused(
    peekHead(window(scores), { offset: 0, length: headEnd - 1 }),
    "its head is longer than the record",
  );
  for (const length of [frameBytes + 3, headEnd - 1])
    assert.equal(await peekHead(window(scores.slice(0, length)), all), undefined);
  const behind = concat([new Uint8Array(7), scores]);
  assert.deepEqual(await peekHead(window(behind), { ...all, offset: 7 }), { cells: 3 });
});
