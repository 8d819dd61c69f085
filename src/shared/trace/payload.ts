/**
 * A record's payload: the length of a JSON head (u32), the head, then binary columns. The head and
 * every column are followed by zero bytes up to a multiple of four. Little-endian throughout.
 */
import { TraceFormatError } from "./format";

/** What a record can hold beside its head. */
export type Column = Uint32Array | Float32Array | Uint16Array | Uint8Array;

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** The bytes of a head and its columns, padded as above. */
export function packPayload(head: object, columns: Column[] = []): Uint8Array<ArrayBuffer> {
  const json = utf8.encode(JSON.stringify(head));
  const parts = [json, ...columns];
  const payload = new Uint8Array(4 + parts.reduce((sum, part) => sum + padded(part.byteLength), 0));
  new DataView(payload.buffer).setUint32(0, json.length, true);
  let offset = 4;
  for (const part of parts) {
    payload.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), offset);
    offset += padded(part.byteLength);
  }
  return payload;
}

/** Takes a payload apart, front to back; throws a TraceFormatError where it ends too early. */
export class PayloadReader {
  readonly head: unknown;
  private offset: number;

  /** @param buffer the payload alone: columns lie at multiples of four from its start. */
  constructor(private readonly buffer: ArrayBuffer) {
    const headLength = headBytes(new Uint8Array(buffer));
    this.head = parseJson(new Uint8Array(buffer, 4, headLength - 4));
    this.offset = padded(headLength);
  }

  /** The next column, of so many values; they share the payload's memory. So the three below. */
  uint32(length: number): Uint32Array {
    return new Uint32Array(this.buffer, this.take(4 * length), length);
  }

  float32(length: number): Float32Array {
    return new Float32Array(this.buffer, this.take(4 * length), length);
  }

  uint16(length: number): Uint16Array {
    return new Uint16Array(this.buffer, this.take(2 * length), length);
  }

  uint8(length: number): Uint8Array {
    return new Uint8Array(this.buffer, this.take(length), length);
  }

  private take(bytes: number): number {
    const start = this.offset;
    this.offset += padded(bytes);
    if (start + bytes > this.buffer.byteLength)
      throw new TraceFormatError("its columns are shorter than its head says");
    return start;
  }
}

/** Bytes that the head takes with its length; needs the first four bytes, checks against all. */
function headBytes(payload: Uint8Array): number {
  if (payload.length < 4) throw new TraceFormatError("it has no head");
  const length = 4 + new DataView(payload.buffer, payload.byteOffset).getUint32(0, true);
  if (length > payload.length) throw new TraceFormatError("its head is longer than the record");
  return length;
}

/** Throws a TraceFormatError where the bytes are no JSON in UTF-8. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(strictUtf8.decode(bytes));
  } catch {
    throw new TraceFormatError("its JSON cannot be read");
  }
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
