/**
 * JSON that may hold ArrayBuffers, as bytes: the length of the JSON (u32, little-endian), the JSON
 * with `{"$bytes": [offset, length]}` for each buffer, then the buffers one after another.
 */
const key = "$bytes";

/** Text where plain JSON says it all, bytes otherwise. */
export function encodeMessage(message: unknown): string | Uint8Array<ArrayBuffer> {
  const buffers: Uint8Array[] = [];
  let length = 0;
  const json = JSON.stringify(message, (_, value: unknown) => {
    if (!(value instanceof ArrayBuffer)) return value;
    buffers.push(new Uint8Array(value));
    length += value.byteLength;
    return { [key]: [length - value.byteLength, value.byteLength] };
  });
  return buffers.length === 0 ? json : join(new TextEncoder().encode(json), buffers, length);
}

/** Throws a SyntaxError where the message is not one of `encodeMessage`. */
export function decodeMessage(message: string | ArrayBuffer): unknown {
  if (typeof message === "string") return JSON.parse(message);
  const jsonEnd = 4 + new DataView(message).getUint32(0, true);
  const json = new TextDecoder().decode(new Uint8Array(message, 4, jsonEnd - 4));
  return JSON.parse(json, (_, value: unknown) => {
    const place = placeOf(value);
    return place
      ? message.slice(jsonEnd + place.offset, jsonEnd + place.offset + place.length)
      : value;
  });
}

function join(json: Uint8Array, buffers: Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(4 + json.length + length);
  new DataView(whole.buffer).setUint32(0, json.length, true);
  let end = 4;
  for (const part of [json, ...buffers]) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}

function placeOf(value: unknown): { offset: number; length: number } | undefined {
  if (typeof value !== "object" || value === null || !(key in value)) return undefined;
  const [offset, length] = Array.isArray(value[key]) ? (value[key] as unknown[]) : [];
  return typeof offset === "number" && typeof length === "number" ? { offset, length } : undefined;
}
