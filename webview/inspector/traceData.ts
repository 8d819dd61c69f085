import type { TraceReader } from "../../src/shared/trace/reader";
import type { CompactionLayerRecord, KeysRecord } from "../../src/shared/trace/records";
import type { Run } from "./model/run";

const mostKept = 192;

/**
 * Scores and keys, which stay in the file until somebody looks at them. Each question is answered
 * at once or with undefined; then `arrived` says when to ask again.
 */
export class TraceData {
  /** Why the last read failed, to be shown in the view's place. */
  failure: string | undefined;
  private readonly readers = new Map<Run, TraceReader>();
  private readonly kept = new Map<string, unknown>();
  private readonly waiting = new Set<string>();

  constructor(private readonly arrived: () => void) {}

  serve(run: Run, reader: TraceReader): void {
    this.readers.set(run, reader);
  }

  /** All that one layer decided in a compaction, by its order. */
  layer(run: Run, compaction: number, layer: number): CompactionLayerRecord | undefined {
    const record = run.compactions[compaction];
    const reader = this.readers.get(run);
    if (!record || !reader) return undefined;
    return this.recall(nameOf(run, "layer", compaction, layer), () =>
      reader.layer(run.chain, record.compaction, layer),
    );
  }

  hasKeys(run: Run, layer: number): boolean {
    return this.readers.get(run)?.hasKeys(run.chain, layer, 0) ?? false;
  }

  /** [positions, headDim] unit keys of one head; undefined as well where the trace has not all. */
  keys(run: Run, layer: number, head: number, positions: number[]): Float32Array | undefined {
    const { headDim } = run.header;
    const result = new Float32Array(positions.length * headDim);
    let record: KeysRecord | undefined;
    let missing = 0;
    positions.forEach((position, index) => {
      if (!record || !covers(record, position)) record = this.keysRecord(run, layer, position);
      if (record) result.set(keyRow(record, head, position), index * headDim);
      else missing++;
    });
    return missing === 0 ? result : undefined;
  }

  private keysRecord(run: Run, layer: number, position: number): KeysRecord | undefined {
    const reader = this.readers.get(run);
    if (!reader?.hasKeys(run.chain, layer, position)) return undefined;
    return this.recall(nameOf(run, "keys", layer, position), () =>
      reader.keys(run.chain, layer, position),
    );
  }

  /** Something computed from records, kept under its name like them. */
  derived<T>(name: string, compute: () => T): T {
    if (!this.kept.has(name)) this.keep(name, compute());
    return this.kept.get(name) as T;
  }

  known<T>(name: string): T | undefined {
    return this.kept.get(name) as T | undefined;
  }

  /** What was loaded under that name; where nothing was, it is loaded. */
  recall<T>(name: string, load: () => Promise<T | undefined>): T | undefined {
    const found = this.known<T>(name);
    if (found !== undefined) return found;
    if (!this.waiting.has(name)) void this.fetch(name, load);
    return undefined;
  }

  private async fetch(name: string, load: () => Promise<unknown>): Promise<void> {
    this.waiting.add(name);
    try {
      const found = await load();
      if (found === undefined) return;
      this.keep(name, found);
      this.waiting.delete(name);
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    }
    this.arrived();
  }

  private keep(name: string, value: unknown): void {
    this.kept.set(name, value);
    const [oldest] = this.kept.keys();
    if (this.kept.size > mostKept) this.kept.delete(oldest);
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
