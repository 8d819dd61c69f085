/** CRC-32 as in zip and png (reflected, polynomial 0xEDB88320); Python's zlib.crc32 is the same. */

/** Bytes that are taken at once. */
const stride = 8;
/** [stride, 256] what a byte does to the checksum that so many zeros after it have passed through. */
const table = new Int32Array(stride * 256);
for (let byte = 0; byte < 256; byte++) {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  table[byte] = value;
}
for (let at = 256; at < table.length; at++)
  table[at] = (table[at - 256] >>> 8) ^ table[table[at - 256] & 0xff];

/** Checksum of all parts one after another, as an unsigned 32-bit number. */
export function crc32(...parts: Uint8Array[]): number {
  let value = -1;
  for (const part of parts) value = passed(value, part);
  return ~value >>> 0;
}

function passed(before: number, bytes: Uint8Array): number {
  let value = before;
  let i = 0;
  for (; i + stride <= bytes.length; i += stride) {
    value ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    value =
      table[0x700 + (value & 0xff)] ^
      table[0x600 + ((value >>> 8) & 0xff)] ^
      table[0x500 + ((value >>> 16) & 0xff)] ^
      table[0x400 + (value >>> 24)] ^
      table[0x300 + bytes[i + 4]] ^
      table[0x200 + bytes[i + 5]] ^
      table[0x100 + bytes[i + 6]] ^
      table[bytes[i + 7]];
  }
  for (; i < bytes.length; i++) value = table[(value ^ bytes[i]) & 0xff] ^ (value >>> 8);
  return value;
}
