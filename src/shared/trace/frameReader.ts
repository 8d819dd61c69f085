/** Takes a trace's bytes apart into header and frames, and checks every checksum on the way. */
import type { ByteSource, ByteWindow } from "./byteSource";
import { crc32 } from "./crc32";
import {
  frameBytes,
  largestHeader,
  largestPayload,
  magic,
  preludeBytes,
  type RecordPlace,
  TraceFormatError,
  version,
} from "./format";
import { parseJson } from "./payload";
import type { TraceHeader } from "./records";
import { headerSchema, parsed } from "./schemas";

/** What stands before a payload; its checksum is compared when the payload is read. */
export interface FrameHead {
  type: number;
  payloadBytes: number;
}

/** What stands before the first frame. */
export interface FileHead {
  header: TraceHeader;
  minor: number;
  /** Offset of the first frame. */
  bytes: number;
}

/** Throws a TraceFormatError for what is no trace, a damaged one, or one of a later format. */
export async function readFileHead(source: ByteSource): Promise<FileHead> {
  const prelude = new Uint8Array(await source.read(0, preludeBytes));
  if (prelude.length < preludeBytes || magic.some((byte, i) => prelude[i] !== byte))
    throw new TraceFormatError(
      "This file is not an R-KV Lens trace; choose one that ends in .rkvtrace.",
    );
  const view = new DataView(prelude.buffer);
  const major = view.getUint16(8, true);
  const minor = view.getUint16(10, true);
  const length = view.getUint32(12, true);
  if (major !== version.major)
    throw new TraceFormatError(
      `This trace has format ${major}.${minor}, and this R-KV Lens reads format ${version.major}; use the release that wrote it, or a newer one.`,
    );
  const json = new Uint8Array(
    length <= largestHeader ? await source.read(preludeBytes, length) : [],
  );
  if (json.length !== length || crc32(prelude.subarray(0, 16), json) !== view.getUint32(16, true))
    throw new TraceFormatError(
      "This trace is damaged in its header, so nothing of it can be read.",
    );
  const header = parsed(headerSchema, parseJson(json));
  return { header, minor, bytes: preludeBytes + length };
}

/** Undefined where the file ends first. */
export async function readFrameHead(
  window: ByteWindow,
  offset: number,
): Promise<FrameHead | undefined> {
  const bytes = await window.bytes(offset, frameBytes);
  return bytes && checkedHead(bytes);
}

/** The payload if its checksum is right; undefined where the file ends first. */
export async function readPayload(
  window: ByteWindow,
  { offset, length }: RecordPlace,
): Promise<ArrayBuffer | undefined> {
  const bytes = await window.bytes(offset, length);
  return bytes && checkedPayload(bytes);
}

/** Fetches one frame by its place; throws a TraceFormatError if it is not whole or another type. */
export async function fetchPayload(
  source: ByteSource,
  type: number,
  { offset, length }: RecordPlace,
): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(await source.read(offset, length));
  const isThere = bytes.length === length && length >= frameBytes;
  if (
    !isThere ||
    checkedHead(bytes).type !== type ||
    checkedHead(bytes).payloadBytes !== length - frameBytes
  )
    throw new TraceFormatError(`The record at byte ${offset} is not what its directory says.`);
  return checkedPayload(bytes);
}

/** The JSON head of a payload that is not read in full, unchecked; undefined where the file ends. */
export async function peekHead(
  window: ByteWindow,
  { offset, length }: RecordPlace,
): Promise<unknown> {
  const start = offset + frameBytes;
  const lengthBytes = await window.bytes(start, 4);
  if (!lengthBytes) return undefined;
  const headLength = viewOf(lengthBytes).getUint32(0, true);
  if (frameBytes + 4 + headLength > length)
    throw new TraceFormatError("its head is longer than the record");
  const json = await window.bytes(start + 4, headLength);
  return json && parseJson(json);
}

function checkedHead(bytes: Uint8Array): FrameHead {
  const head = frameHead(bytes);
  if (head.payloadBytes > largestPayload)
    throw new TraceFormatError(`it claims ${head.payloadBytes} bytes, more than a record may have`);
  return head;
}

/** What a frame's first bytes say, true or not. */
export function frameHead(bytes: Uint8Array): FrameHead {
  const view = viewOf(bytes);
  return { type: view.getUint8(4), payloadBytes: view.getUint32(0, true) };
}

/** A copy, so that columns lie at multiples of four. */
function checkedPayload(bytes: Uint8Array): ArrayBuffer {
  const checksum = viewOf(bytes).getUint32(5, true);
  if (crc32(bytes.subarray(0, 5), bytes.subarray(frameBytes)) !== checksum)
    throw new TraceFormatError("its checksum is wrong");
  return bytes.slice(frameBytes).buffer;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
