/** The constants of the `.rkvtrace` format, version 1.0; docs/trace-format.md explains them. */
import type { TraceRecord } from "./records";

/** “RKVTRACE” in ASCII, the first eight bytes. */
export const magic = Uint8Array.from("RKVTRACE", (letter) => letter.charCodeAt(0));
/** Readers refuse another major version, and pass over what a later minor one added. */
export const version = { major: 1, minor: 0 } as const;

/** Bytes before the header's JSON: magic, major u16, minor u16, JSON length u32, checksum u32. */
export const preludeBytes = 20;
/** Bytes before a record's payload: payload length u32, type u8, checksum u32. */
export const frameBytes = 9;

/** Bytes of the header's JSON. */
export const largestHeader = 64 * 1024;
/** Bytes of one record's payload; what is larger is written as several records. */
export const largestPayload = 1024 * 1024;
/** Above it a file is refused. */
export const largestFile = 2 * 1024 ** 3;
/** Positions a chain may have; a reader can size its columns by it without fear. */
export const largestPosition = 10_000_000;

/** The byte that names each type of record; a number once given is never given again. */
export const typeCodes = {
  settings: 1,
  tokens: 2,
  step: 3,
  compaction: 4,
  compactionLayer: 5,
  keys: 6,
  figures: 7,
  divergence: 8,
  end: 9,
  /** The scores of a compactionLayer: apart, so that a reader can pass over them unread. */
  scores: 10,
  /** A table of the scores and keys that follow it, so that a reader knows what it passes over. */
  directory: 16,
} as const satisfies Record<TraceRecord["type"], number> & Record<string, number>;

export type RecordType = keyof typeof typeCodes;

const namesByCode = new Map<number, RecordType>(
  Object.entries(typeCodes).map(([name, code]) => [code, name as RecordType]),
);

/** The record type of a code, undefined for one that this version does not know. */
export function recordType(code: number): RecordType | undefined {
  return namesByCode.get(code);
}

/** Where a record lies in the file, frame included. */
export interface RecordPlace {
  offset: number;
  length: number;
}

/** A file, or a record of it, that does not keep to the format. The message says where and why. */
export class TraceFormatError extends Error {
  override name = "TraceFormatError";
}
