import type { TraceReader } from "../../../src/shared/trace/reader";
import type { CompactionLayerRecord, KeysRecord } from "../../../src/shared/trace/records";
import { Kept } from "./kept";
import type { Run } from "../model/run";
import { inPieces, onePiece, type Work } from "../model/pieces";

/** Why something that was asked for is not there; where it failed, in words, and how to try again. */
export type Absence =
  | { kind: "asked" }
  /** The trace does not hold all of it, or not yet. */
  | { kind: "missing" }
  | { kind: "failed"; message: string; again: () => void };

/**
 * Scores and keys, which stay in the file until somebody looks at them, and what is counted from
 * the run. Each question is answered at once or with undefined; then `arrived` says when to ask
 * again. Nobody else keeps records.
 */
export class TraceData {
  private readonly readers = new Map<Run, TraceReader>();
  private readonly kept = new Kept();
  private readonly asked = new Map<string, { answer: Promise<unknown>; growths: number }>();
  private readonly absent = new Map<string, Absence>();
  private readonly counting = new Set<string>();
  private readonly counts = new Map<string, unknown>();
  private growths = 0;

  constructor(private readonly arrived: () => void) {}

  serve(run: Run, reader: TraceReader): void {
    this.readers.set(run, reader);
  }

  /** More of a trace was read: what was missing, or half written, may be there now. */
  grown(): void {
    this.growths++;
    this.absent.clear();
  }

  /** All that one layer decided in a compaction, by its order; undefined where it is not there. */
  layer(run: Run, compaction: number, layer: number): Promise<CompactionLayerRecord | undefined> {
    const record = run.compactions[compaction];
    const reader = this.readers.get(run);
    return this.once(nameOf(run, "layer", compaction, layer), async () =>
      record && reader ? reader.layer(run.chain, record.compaction, layer) : undefined,
    );
  }

  hasKeys(run: Run, layer: number): boolean {
    return this.readers.get(run)?.keysPlace(run.chain, layer, 0) !== undefined;
  }

  /** [positions, headDim] unit keys of one head; undefined where the trace has not all of them. */
  async keys(
    run: Run,
    layer: number,
    head: number,
    positions: readonly number[],
  ): Promise<Float32Array | undefined> {
    const { headDim } = run.header;
    const result = new Float32Array(positions.length * headDim);
    let record: KeysRecord | undefined;
    for (const [index, position] of positions.entries()) {
      if (!record || !covers(record, position))
        record = await this.keysRecord(run, layer, position);
      if (record?.headDim !== headDim) return undefined;
      result.set(keyRow(record, head, position), index * headDim);
    }
    return result;
  }

  private async keysRecord(
    run: Run,
    layer: number,
    position: number,
  ): Promise<KeysRecord | undefined> {
    const reader = this.readers.get(run);
    const place = reader?.keysPlace(run.chain, layer, position);
    if (!place) return undefined;
    const name = nameOf(run, "keys", place.offset);
    return this.once(name, async () => reader?.keys(run.chain, layer, position));
  }

  /** What was loaded under that name. Where nothing was, it is loaded, once until the trace grows. */
  recall<T>(name: string, load: () => Promise<T | undefined>): T | undefined {
    const found = this.kept.get<T>(name);
    if (found !== undefined || this.absent.has(name)) return found;
    const growths = this.growths;
    this.absent.set(name, { kind: "asked" });
    const settle = (absence?: Absence): void => {
      if (absence && growths === this.growths) this.absent.set(name, absence);
      else this.absent.delete(name);
      this.arrived();
    };
    this.once(name, load).then(
      (value) => settle(value === undefined ? { kind: "missing" } : undefined),
      (error: unknown) => settle(this.failure(name, error)),
    );
    return undefined;
  }

  /** Why `recall` has nothing under that name. */
  absence(name: string): Absence {
    return this.absent.get(name) ?? { kind: "asked" };
  }

  /**
   * Something counted from the run: at once where that takes no longer than a piece of a frame,
   * else between the frames. Of one topic one thing is counted at a time.
   */
  counted<T>(topic: string, name: string, count: () => Work<T>): T | undefined {
    const found = this.kept.get<T>(name);
    if (found !== undefined || this.counting.has(topic)) return found;
    const work = count();
    const piece = onePiece(work);
    if (piece.done) this.kept.set(name, piece.value);
    else void this.countOn(topic, name, work);
    return piece.done ? piece.value : undefined;
  }

  /** The newest count of a topic, for those to whom an older one is better than none. */
  lastCounted<T>(topic: string): T | undefined {
    return this.counts.get(topic) as T | undefined;
  }

  private async countOn(topic: string, name: string, work: Work<unknown>): Promise<void> {
    this.counting.add(topic);
    const value = await inPieces(work);
    this.kept.set(name, value);
    this.counts.set(topic, value);
    this.counting.delete(topic);
    this.arrived();
  }

  /** Loads it, or joins those who load it from the same bytes; what is found is kept. */
  private once<T>(name: string, load: () => Promise<T | undefined>): Promise<T | undefined> {
    const found = this.kept.get<T>(name);
    if (found !== undefined) return Promise.resolve(found);
    const { growths } = this;
    const known = this.asked.get(name);
    if (known?.growths === growths) return known.answer as Promise<T | undefined>;
    const answer = load().then((value) => {
      if (value !== undefined) this.kept.set(name, value);
      return value;
    });
    const question = { answer, growths };
    this.asked.set(name, question);
    const forget = (): void => {
      if (this.asked.get(name) === question) this.asked.delete(name);
    };
    answer.then(forget, forget);
    return answer;
  }

  private failure(name: string, error: unknown): Absence {
    const again = (): void => {
      this.absent.delete(name);
      this.arrived();
    };
    return {
      kind: "failed",
      message: error instanceof Error ? error.message : String(error),
      again,
    };
  }
}

const numbers = new WeakMap<Run, number>();
let runs = 0;

/** A name for something of a run, unlike that of any other run. */
export function nameOf(run: Run, ...parts: (string | number)[]): string {
  if (!numbers.has(run)) numbers.set(run, runs++);
  return `${numbers.get(run)} ${parts.join(" ")}`;
}

function covers({ firstPosition, count }: KeysRecord, position: number): boolean {
  return position >= firstPosition && position < firstPosition + count;
}

function keyRow(record: KeysRecord, head: number, position: number): Float32Array {
  const from = (head * record.count + position - record.firstPosition) * record.headDim;
  return record.keys.subarray(from, from + record.headDim);
}
