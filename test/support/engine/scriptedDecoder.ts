import type { Compaction } from "../../../src/engine/compaction/compaction";
import type { CompactionRequest } from "../../../src/engine/compaction/decision";
import type { Decoder } from "../../../src/engine/decoder/decoder";
import type { EvictableDecoder } from "../../../src/onnx/evictableDecoder";

const vocabulary = 32;

/** A decoder without a model: a test says what follows a text. A compaction leaves half of the slots. */
export class ScriptedDecoder implements Decoder {
  readonly device = "cpu";
  readonly model: EvictableDecoder = {
    layout: "blocks",
    pattern: "scripted",
    cacheType: "float32",
    dtype: "fp32",
    layers: [],
    queryHeads: 1,
    kvHeads: 1,
    headDim: 1,
    vocabulary,
    plainRotary: true,
  };
  /** What each row has read. */
  texts: number[][] = [[]];
  /** What was asked of it, in order: “feed 3”, “select 0 2”, “compact buffer”. */
  readonly asked: string[] = [];
  readonly requests: CompactionRequest[] = [];
  slots = 0;
  evicted = 0;
  readonly bytesHeld = 0;
  readonly bytesReserved = 0;
  readonly bytesFull = 0;

  /** next: the id that is likeliest after a text. */
  constructor(private readonly next: (text: readonly number[]) => number) {}

  get rows(): number {
    return this.texts.length;
  }

  get position(): number {
    return this.texts[0].length;
  }

  feed(ids: readonly (readonly number[])[]): Promise<Float32Array> {
    this.asked.push(`feed ${ids[0].length}`);
    this.texts = this.texts.map((text, row) => [...text, ...ids[row]]);
    this.slots += ids[0].length;
    const logits = new Float32Array(this.rows * vocabulary);
    this.texts.forEach((text, row) => (logits[row * vocabulary + this.next(text)] = 1));
    return Promise.resolve(logits);
  }

  compact(request: CompactionRequest): Promise<Compaction> {
    this.asked.push(`compact ${request.cause}`);
    this.requests.push(request);
    const { settings, cause } = request;
    this.slots /= 2;
    const bytes = { bytesBefore: 0, bytesAfter: 0 };
    const { position, slots: budget } = this;
    return Promise.resolve({ cause, settings, position, budget, millis: 0, ...bytes, layers: [] });
  }

  fork(rows: number): Promise<void> {
    return this.select(Array<number>(rows).fill(0));
  }

  select(rows: readonly number[]): Promise<void> {
    if (rows.length !== this.rows || rows.some((row, i) => row !== i))
      this.asked.push(`select ${rows.join(" ")}`);
    this.texts = rows.map((row) => [...this.texts[row]]);
    return Promise.resolve();
  }

  truncate(position: number): Promise<void> {
    this.texts = this.texts.map((text) => text.slice(0, position));
    this.slots = position;
    return Promise.resolve();
  }

  keepQueries(): void {}

  positions(): Uint32Array {
    return new Uint32Array(0);
  }

  takeNewKeys(): Promise<[]> {
    return Promise.resolve([]);
  }

  reusablePrefix(): number {
    return this.position;
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}
