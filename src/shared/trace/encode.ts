/** Records to bytes. A record that would be too large is written as several. */
import { inFile } from "../settings/cacheInFiles";
import { crc32 } from "./crc32";
import { toFloat16 } from "./float16";
import {
  frameBytes,
  largestHeader,
  largestPayload,
  magic,
  preludeBytes,
  type RecordType,
  TraceFormatError,
  typeCodes,
  version,
} from "./format";
import { type Column, packPayload } from "./payload";
import type {
  CompactionLayerRecord,
  DivergenceRecord,
  KeysRecord,
  TokensRecord,
  TraceHeader,
  TraceRecord,
} from "./records";
import { type DirectoryHead, headerSchema, parsed } from "./schemas";

/** Leaves room for a record's head under largestPayload. */
const columnBytes = largestPayload - 64 * 1024;
/** Fewer bytes are faster read than skipped. */
const worthSkipping = 64 * 1024;
const tokensPerRecord = 256;
const longestText = 1024;

/** One record's bytes: length, type, checksum, payload. */
export interface Frame {
  bytes: Uint8Array<ArrayBuffer>;
  /** The type and head of a large frame, for the directory. */
  large?: { type: number; head: object };
}

/** The first bytes of a file. Throws a TraceFormatError where the header breaks its own schema. */
export function encodeHeader(header: TraceHeader): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(parsed(headerSchema, header)));
  if (json.length > largestHeader)
    throw new TraceFormatError(`The header takes ${json.length} bytes of ${largestHeader}.`);
  const bytes = new Uint8Array(preludeBytes + json.length);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint16(8, version.major, true);
  view.setUint16(10, version.minor, true);
  view.setUint32(12, json.length, true);
  view.setUint32(16, crc32(bytes.subarray(0, 16), json), true);
  bytes.set(json, preludeBytes);
  return bytes;
}

/**
 * The bytes of records written together: the small ones in their order, then the large ones
 * (scores and keys) behind a directory, if they are worth skipping.
 */
export function encodeRecords(records: readonly TraceRecord[]): Uint8Array<ArrayBuffer> {
  const frames = records.flatMap(framesOf);
  const large = frames.filter((frame) => frame.large);
  const bytes = large.reduce((sum, frame) => sum + frame.bytes.length, 0);
  const small = frames.filter((frame) => !frame.large);
  if (bytes >= worthSkipping) small.push(directoryFrame(large, bytes));
  return concatenated([...small, ...large].map((frame) => frame.bytes));
}

/** A payload behind its length, type and checksum. */
export function frame(type: RecordType, payload: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(frameBytes + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint8(4, typeCodes[type]);
  view.setUint32(5, crc32(bytes.subarray(0, 5), payload), true);
  bytes.set(payload, frameBytes);
  return bytes;
}

function framesOf(record: TraceRecord): Frame[] {
  switch (record.type) {
    case "tokens":
      return tokensFrames(record);
    case "compactionLayer":
      return [...decisionFrames(record), ...scoresFrames(record)];
    case "keys":
      return keysFrames(record);
    case "divergence":
      return divergenceFrames(record);
    case "settings": {
      const { type, position, cache } = record;
      return [smallFrame(type, { position, cache: inFile(cache) })];
    }
    case "compaction": {
      const { type, ...head } = record;
      return [smallFrame(type, inFile(head))];
    }
    case "step":
    case "figures":
    case "end": {
      const { type, ...head } = record;
      return [smallFrame(type, head)];
    }
    default:
      return record satisfies never;
  }
}

function smallFrame(type: RecordType, head: object, columns?: Column[]): Frame {
  return { bytes: frame(type, packPayload(head, columns)) };
}

function largeFrame(type: "scores" | "keys", head: object, columns: Column[]): Frame {
  return { bytes: frame(type, packPayload(head, columns)), large: { type: typeCodes[type], head } };
}

function tokensFrames(record: TokensRecord): Frame[] {
  return ranges(record.ids.length, tokensPerRecord).map(([from, to]) => {
    const texts = record.texts.slice(from, to).map((text) => text.slice(0, longestText));
    const { chain, isPrompt } = record;
    const head = { chain, firstPosition: record.firstPosition + from, isPrompt, texts };
    const columns = [record.ids, record.logProbs, record.millis];
    return smallFrame(
      "tokens",
      head,
      columns.map((column) => column.subarray(from, to)),
    );
  });
}

function cellHead(record: CompactionLayerRecord, from: number, to: number) {
  const { chain, compaction, layer, kvHeads, slots } = record;
  return { chain, compaction, layer, kvHeads, slots, firstCell: from, cells: to - from };
}

function decisionFrames(record: CompactionLayerRecord): Frame[] {
  const { positions, retained } = record;
  return ranges(positions.length, Math.floor(columnBytes / 5)).map(([from, to]) =>
    smallFrame("compactionLayer", cellHead(record, from, to), [
      positions.subarray(from, to),
      retained.subarray(from, to),
    ]),
  );
}

function scoresFrames(record: CompactionLayerRecord): Frame[] {
  const columns = [record.scores, ...record.parts.map(({ values }) => values)];
  const parts = record.parts.map(({ name }) => name);
  return ranges(record.scores.length, Math.floor(columnBytes / 4 / columns.length)).map(
    ([from, to]) =>
      largeFrame(
        "scores",
        { ...cellHead(record, from, to), parts },
        columns.map((column) => column.subarray(from, to)),
      ),
  );
}

function keysFrames(record: KeysRecord): Frame[] {
  const { chain, layer, kvHeads, headDim, count } = record;
  const perRecord = Math.max(1, Math.floor(columnBytes / (2 * kvHeads * headDim)));
  return ranges(count, perRecord).map(([from, to]) => {
    const rows = Array.from({ length: kvHeads }, (_, head) =>
      record.keys.subarray((head * count + from) * headDim, (head * count + to) * headDim),
    );
    const firstPosition = record.firstPosition + from;
    const head = { chain, layer, kvHeads, headDim, firstPosition, count: to - from };
    return largeFrame("keys", head, [toFloat16(concatenatedFloats(rows))]);
  });
}

function divergenceFrames(record: DivergenceRecord): Frame[] {
  const { chain, layers, kvHeads, kl, sameToken, lostAttention } = record;
  const perToken = layers * kvHeads;
  const perRecord = Math.max(1, Math.floor(columnBytes / (5 + 4 * perToken)));
  return ranges(kl.length, perRecord).map(([from, to]) => {
    const firstPosition = record.firstPosition + from;
    return smallFrame("divergence", { chain, firstPosition, count: to - from, layers, kvHeads }, [
      kl.subarray(from, to),
      sameToken.subarray(from, to),
      lostAttention.subarray(from * perToken, to * perToken),
    ]);
  });
}

function directoryFrame(large: Frame[], bytes: number): Frame {
  const frames = large.map((each) => ({
    ...each.large!,
    payloadBytes: each.bytes.length - frameBytes,
  }));
  return smallFrame("directory", { bytes, frames } satisfies DirectoryHead);
}

/** [0, length) in pieces of at most `most`; one empty piece for length 0. */
function ranges(length: number, most: number): [number, number][] {
  const pieces = Math.max(1, Math.ceil(length / most));
  return Array.from({ length: pieces }, (_, i) => [i * most, Math.min(length, (i + 1) * most)]);
}

function concatenated(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

function concatenatedFloats(parts: Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}
