/** CRC-32 as in zip and png (reflected, polynomial 0xEDB88320); Python's zlib.crc32 is the same. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** Checksum of all parts one after another, as an unsigned 32-bit number. */
export function crc32(...parts: Uint8Array[]): number {
  let value = 0xffffffff;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) value = table[(value ^ part[i]) & 0xff] ^ (value >>> 8);
  }
  return (value ^ 0xffffffff) >>> 0;
}
