import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 as zlibs } from "node:zlib";
import { Random } from "../../../src/shared/random";
import { crc32 } from "../../../src/shared/trace/crc32";

test("the checksum is zlib's, of any length and however it is cut", () => {
  const random = new Random(1);
  for (let length = 0; length < 40; length++) {
    const bytes = Uint8Array.from({ length }, () => Math.floor(256 * random.next()));
    const cut = Math.floor(length * random.next());
    assert.equal(crc32(bytes), zlibs(bytes));
    assert.equal(crc32(bytes.subarray(0, cut), bytes.subarray(cut)), zlibs(bytes));
  }
});
