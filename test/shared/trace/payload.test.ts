/** A record's payload byte by byte, and what is said of one that is not what it should be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TraceFormatError } from "../../../src/shared/trace/format";
import { packPayload, parseJson, PayloadReader } from "../../../src/shared/trace/payload";

function refusal(read: () => unknown, words: string): void {
  assert.throws(read, (error) => {
    assert.ok(error instanceof TraceFormatError);
    assert.equal(error.message, words);
    return true;
  });
}

test("a payload is its head's length, its head and its columns, each filled up to four bytes", () => {
  const payload = packPayload({ a: 1 }, [Uint8Array.of(1, 2, 3), Uint16Array.of(0x0504)]);
  const head = [7, 0, 0, 0, ...Buffer.from('{"a":1}'), 0];
  assert.deepEqual([...payload], [...head, 1, 2, 3, 0, 4, 5, 0, 0]);
  assert.deepEqual([...packPayload({})], [2, 0, 0, 0, ...Buffer.from("{}"), 0, 0]);
});

test("columns are read front to back, whatever their type and width", () => {
  const columns = [
    Uint8Array.of(1, 2, 3),
    Uint16Array.of(4, 5, 6),
    Uint32Array.of(7),
    Float32Array.of(0.5, -2),
    Uint8Array.of(8),
  ] as const;
  const reader = new PayloadReader(packPayload({ of: "columns" }, [...columns]).buffer);
  assert.deepEqual(reader.head, { of: "columns" });
  assert.deepEqual(reader.uint8(3), columns[0]);
  assert.deepEqual(reader.uint16(3), columns[1]);
  assert.deepEqual(reader.uint32(1), columns[2]);
  assert.deepEqual(reader.float32(2), columns[3]);
  assert.deepEqual(reader.uint8(1), columns[4]);
});

test("a column that ends with the payload is there, and one that goes beyond is refused", () => {
  const words = "its columns are shorter than its head says";
  const whole = packPayload({}, [Uint32Array.of(1, 2)]).buffer;
  assert.equal(new PayloadReader(whole).uint32(2)[1], 2);
  refusal(() => new PayloadReader(whole).uint32(3), words);
  refusal(() => new PayloadReader(whole.slice(0, -1)).uint32(2), words);
  const reader = new PayloadReader(whole);
  reader.uint32(2);
  assert.equal(reader.uint8(0).length, 0);
  refusal(() => reader.uint8(1), words);
});

test("a head is refused where it is missing, longer than the payload, or no JSON in UTF-8", () => {
  const payloadOf = (headLength: number, ...bytes: number[]): ArrayBuffer =>
    Uint8Array.of(headLength, 0, 0, 0, ...bytes).buffer;
  for (const length of [0, 3])
    refusal(() => new PayloadReader(new ArrayBuffer(length)), "it has no head");
  refusal(() => new PayloadReader(payloadOf(0)), "its JSON cannot be read");
  refusal(() => new PayloadReader(payloadOf(1)), "its head is longer than the record");
  assert.equal(new PayloadReader(payloadOf(1, 0x37)).head, 7);
  const notUtf8 = [0x22, 0xff, 0x22];
  refusal(() => new PayloadReader(payloadOf(3, ...notUtf8)), "its JSON cannot be read");
  refusal(() => parseJson(Uint8Array.from(notUtf8)), "its JSON cannot be read");
});
