/**
 * Reads a trace that may still be growing. `refresh` hands out what came since the last call, in
 * file order; scores and keys, most of a file, are passed over and fetched when they are asked for.
 * What is handed out has passed its checksum; reading ends at the first record that has not.
 */
import { type ByteSource, ByteWindow } from "./byteSource";
import { isSameLayer, isWhole, joinDecision, joinScores, type LayerDecision } from "./cells";
import {
  checkCells,
  checkChain,
  checkLayer,
  type DecisionPart,
  decodeDecision,
  decodeKeys,
  decodeScores,
  decodeSmall,
  type SmallRecord,
  type StoredKeys,
  widenKeys,
} from "./decode";
import {
  frameBytes,
  largestFile,
  largestPayload,
  type RecordPlace,
  recordType,
  TraceFormatError,
  typeCodes,
} from "./format";
import {
  fetchPayload,
  frameHead,
  peekHead,
  readFileHead,
  readFrameHead,
  readPayload,
} from "./frameReader";
import { type KeysPlace, LargeRecords } from "./largeRecords";
import { PayloadReader } from "./payload";
import type { CompactionLayerRecord, KeysRecord, TraceHeader } from "./records";
import { type DirectoryHead, heads, parsed } from "./schemas";

/** What `refresh` hands out: everything but scores and keys. */
export type TraceItem = SmallRecord | LayerDecision;

/** How much of the file could be read, in bytes. */
export interface Recovery {
  /** Bytes up to the end of the last whole record. */
  bytes: number;
  of: number;
  /** Why reading ended before the end, in one sentence. */
  problem?: string;
}

/** One trace, from its source; calls of `refresh` wait for one another. */
export class TraceReader {
  recovery: Recovery;
  private readonly window: ByteWindow;
  private readonly large = new LargeRecords();
  private readonly tokens: Uint32Array;
  private unfinished: DecisionPart[] = [];
  private offset: number;
  /** Up to here it was looked for a directory. */
  private lookedTo = 0;
  private refreshing: Promise<void> = Promise.resolve();

  /** Throws a TraceFormatError, ready to be shown, for a file that cannot be read at all. */
  static async open(source: ByteSource): Promise<TraceReader> {
    const size = await source.size();
    if (size > largestFile)
      throw new TraceFormatError(`This trace has ${size} bytes; more than 2 GiB are not opened.`);
    const { header, bytes } = await readFileHead(source);
    return new TraceReader(source, header, bytes);
  }

  private constructor(
    readonly source: ByteSource,
    readonly header: TraceHeader,
    firstFrame: number,
  ) {
    this.window = new ByteWindow(source);
    this.tokens = new Uint32Array(header.chains);
    this.offset = firstFrame;
    this.recovery = { bytes: firstFrame, of: firstFrame };
  }

  /**
   * Hands every record that came since the last call to `visit`; one that it throws at ends it.
   * With `isEnough` it stops early where that says so, and the next call reads on from there.
   */
  async refresh(visit: (item: TraceItem) => void, isEnough = () => false): Promise<void> {
    const next = this.refreshing.then(() => this.readOn(visit, isEnough));
    this.refreshing = next.catch(() => undefined);
    return next;
  }

  /**
   * All that one layer decided in a compaction, scores included; undefined where the trace has
   * not all of it. Rejects with a TraceFormatError where it is damaged.
   */
  async layer(
    chain: number,
    compaction: number,
    layer: number,
  ): Promise<CompactionLayerRecord | undefined> {
    const places = this.large.layer({ chain, compaction, layer });
    if (!places) return undefined;
    const [decision, scores] = await Promise.all([
      this.fetchAll("compactionLayer", places.decision, decodeDecision),
      this.fetchAll("scores", places.scores, decodeScores),
    ]);
    if (!isWhole(decision) || !isWhole(scores)) return undefined;
    if (!isSameLayer(decision[0], scores[0]))
      throw new TraceFormatError(`The scores of layer ${layer} are those of another one.`);
    return { ...joinDecision(decision), ...joinScores(scores) };
  }

  /** The record that holds a position's keys. Rejects with a TraceFormatError where it is damaged. */
  async keys(chain: number, layer: number, position: number): Promise<KeysRecord | undefined> {
    const stored = await this.storedKeys(chain, layer, position);
    return stored && widenKeys(stored);
  }

  /** The same as it is in the file. */
  async storedKeys(
    chain: number,
    layer: number,
    position: number,
  ): Promise<StoredKeys | undefined> {
    const place = this.keysPlace(chain, layer, position);
    return place && this.fetchKeys(chain, layer, place);
  }

  /** Where the record lies that holds a position's keys; undefined where there is none. */
  keysPlace(chain: number, layer: number, position: number): KeysPlace | undefined {
    return this.large.keysPlace(chain, layer, position);
  }

  /** Reads everything that was passed over; the places of what is damaged. */
  async damagedPlaces(): Promise<RecordPlace[]> {
    const damaged: RecordPlace[] = [];
    for (const { type, place } of this.large.passedOver()) {
      const payload = fetchPayload(this.source, typeCodes[type], place);
      const decode = type === "scores" ? decodeScores : decodeKeys;
      await payload
        .then((bytes) => decode(bytes, this.header))
        .catch((error: unknown) => {
          if (!(error instanceof TraceFormatError)) throw error;
          damaged.push(place);
        });
    }
    return damaged;
  }

  private async readOn(visit: (item: TraceItem) => void, isEnough: () => boolean): Promise<void> {
    const size = await this.source.size();
    if (size !== this.recovery.of) this.window.clear();
    let problem: string | undefined;
    let goesOn = true;
    try {
      while (goesOn && !isEnough()) goesOn = await this.readRecord(size, visit);
      if (this.offset < size && !goesOn)
        problem = `The trace is cut within its record at byte ${this.offset}.`;
    } catch (error) {
      if (!(error instanceof TraceFormatError || error instanceof RangeError)) throw error;
      const why = error.message.replace(/\.$/, "");
      problem = `The record at byte ${this.offset} cannot be read: ${why}.`;
    }
    this.recovery = { bytes: this.offset, of: Math.max(size, this.offset), problem };
  }

  /** False at the end of what can be read now. */
  private async readRecord(size: number, visit: (item: TraceItem) => void): Promise<boolean> {
    if (this.offset + frameBytes > size) return false; // A live trace would be asked in vain.
    const head = await readFrameHead(this.window, this.offset);
    if (!head) return false;
    if (this.offset >= this.lookedTo) this.lookAhead(size);
    const place = { offset: this.offset, length: frameBytes + head.payloadBytes };
    if (place.offset + place.length > size) return false;
    const type = recordType(head.type);
    if (type === "scores" || type === "keys") {
      const json = await peekHead(this.window, place);
      if (json === undefined) return false;
      this.passOver(type, json, place);
      this.offset += place.length;
      return true;
    }
    const payload = await readPayload(this.window, place);
    if (!payload) return false;
    if (type === "directory") return this.useDirectory(payload, place, size);
    if (type) this.take(decodeSmall(type, payload, this.header), place, visit);
    this.offset += place.length;
    return true;
  }

  /**
   * Asks early for what follows the frames of the next directory, so that it comes while all before
   * it is taken in. What is wrong there is said when it is read.
   */
  private lookAhead(size: number): void {
    const { end, next = NaN } = findDirectory(this.window, this.offset);
    this.lookedTo = end;
    if (next < size && !this.window.held(next, frameBytes)) this.window.ahead(next);
  }

  private take(
    record: SmallRecord | DecisionPart,
    place: RecordPlace,
    visit: (item: TraceItem) => void,
  ): void {
    if (record.type === "compactionLayer") return this.takeDecision(record, place, visit);
    if (record.type === "tokens") {
      const expected = this.tokens[record.chain];
      if (record.firstPosition !== expected)
        throw new TraceFormatError(`its tokens begin at ${record.firstPosition}, not ${expected}`);
    }
    visit(record);
    if (record.type === "tokens") this.tokens[record.chain] += record.ids.length;
  }

  private takeDecision(
    part: DecisionPart,
    place: RecordPlace,
    visit: (item: TraceItem) => void,
  ): void {
    if (part.firstCell === 0) this.unfinished = [];
    this.unfinished.push(part);
    this.large.addDecision(part, place);
    if (!isWhole(this.unfinished)) return;
    visit(joinDecision(this.unfinished));
    this.unfinished = [];
  }

  /** Passes over all that the directory lists, if it is all there; else the frames come singly. */
  private useDirectory(payload: ArrayBuffer, place: RecordPlace, size: number): boolean {
    const directory = parsed(heads.directory, new PayloadReader(payload).head);
    let offset = place.offset + place.length;
    if (sumOfFrames(directory) !== directory.bytes)
      throw new TraceFormatError("its frames do not add up to its bytes");
    this.offset = offset;
    if (offset + directory.bytes > size) return true;
    for (const { type, payloadBytes, head } of directory.frames) {
      const length = frameBytes + payloadBytes;
      const name = recordType(type);
      if (name === "scores" || name === "keys") this.passOver(name, head, { offset, length });
      offset += length;
    }
    this.offset = offset;
    return true;
  }

  private passOver(type: "scores" | "keys", json: unknown, place: RecordPlace): void {
    if (type === "scores") {
      const head = parsed(heads.scores, json);
      checkCells(head, this.header);
      this.large.addScores(head, place);
    } else {
      const head = parsed(heads.keys, json);
      checkChain(head, this.header);
      checkLayer(head, this.header);
      this.large.addKeys(head, place);
    }
  }

  private async fetchKeys(chain: number, layer: number, place: KeysPlace): Promise<StoredKeys> {
    const record = decodeKeys(await fetchPayload(this.source, typeCodes.keys, place), this.header);
    const isAsked = record.chain === chain && record.layer === layer;
    if (!isAsked || record.firstPosition !== place.firstPosition || record.count !== place.count)
      throw new TraceFormatError(`The keys of layer ${layer} are those of another one.`);
    return record;
  }

  private async fetchAll<T>(
    type: "compactionLayer" | "scores",
    places: RecordPlace[],
    decode: (payload: ArrayBuffer, header: TraceHeader) => T,
  ): Promise<T[]> {
    return Promise.all(
      places.map(async (place) =>
        decode(await fetchPayload(this.source, typeCodes[type], place), this.header),
      ),
    );
  }
}

/** The end of the first directory, else of what is held; and what follows a directory's frames. */
function findDirectory(window: ByteWindow, from: number): { end: number; next?: number } {
  let end = from;
  for (;;) {
    const head = window.held(end, frameBytes);
    if (!head) return { end };
    const { type, payloadBytes } = frameHead(head);
    if (payloadBytes > largestPayload) return { end: end + 1 };
    const start = end + frameBytes;
    end = start + payloadBytes;
    if (type !== typeCodes.directory) continue;
    const payload = window.held(start, payloadBytes);
    return { end, next: payload && end + framesAfter(payload) };
  }
}

/** Bytes of the frames that a directory tells of, as it says; NaN where it cannot be read. */
function framesAfter(payload: Uint8Array): number {
  try {
    return parsed(heads.directory, new PayloadReader(payload.slice().buffer).head).bytes;
  } catch {
    return NaN;
  }
}

function sumOfFrames({ frames }: DirectoryHead): number {
  return frames.reduce((sum, { payloadBytes }) => sum + frameBytes + payloadBytes, 0);
}
