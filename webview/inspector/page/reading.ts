import type { InspectorEvents, TraceSource } from "../../../src/shared/wire/inspectorApi";
import { remoteBytes, type Host } from "./host";
import { load, type Loaded } from "../state/loader";

/** A trace that is shown, and how to read it. */
export interface Opened extends Loaded {
  source: TraceSource;
  bytes: ReturnType<typeof remoteBytes>;
}

/** Time for which a page reads up to its first picture; twice as long up to the next, and so on. */
const firstSliceMillis = 150;
const longestSliceMillis = 1200;
/** A slow machine reads for so many times as long as it draws. */
const readingPerDrawing = 4;

/**
 * Opens a trace at its beginning: enough for a first picture. Rejects with an Error to be shown.
 *
 * @param bytes those that another chain of the trace is read from
 */
export async function open(
  host: Host,
  source: TraceSource,
  chain = 0,
  bytes = remoteBytes(host, source),
): Promise<Opened> {
  const loaded = await load(bytes, chain);
  await loaded.refresh(firstSliceMillis);
  return { source, bytes, ...loaded };
}

/** Reads traces to their ends, also when they grow, a slice at a time. */
export class Reading {
  private readonly busy = new Set<Opened>();
  private readonly asked = new Set<Opened>();
  private readonly left = new WeakSet<Opened>();

  /** @param read called after each slice, to draw; rejects what `readOn` does */
  constructor(private readonly read: () => Promise<void>) {}

  get isBusy(): boolean {
    return this.busy.size > 0;
  }

  /** Nobody looks at it any more: whether it can be read on does not matter. */
  leave(opened: Opened): void {
    this.left.add(opened);
    this.asked.delete(opened);
  }

  /** Settles at the end of what there is now. Rejects with an Error ready to be shown. */
  async readOn(opened: Opened): Promise<void> {
    this.left.delete(opened);
    this.asked.add(opened);
    if (this.busy.has(opened)) return;
    this.busy.add(opened);
    try {
      await this.readSlices(opened);
    } catch (error) {
      if (!this.left.has(opened)) throw error;
    } finally {
      this.busy.delete(opened);
    }
  }

  private async readSlices(opened: Opened): Promise<void> {
    let slice = firstSliceMillis;
    let drawing = 0;
    while (this.asked.delete(opened)) {
      slice = Math.min(2 * slice, longestSliceMillis);
      const isMore = await opened.refresh(Math.max(slice, drawing));
      if (this.left.has(opened)) return;
      if (isMore) this.asked.add(opened);
      const began = performance.now();
      await this.read();
      drawing = readingPerDrawing * (performance.now() - began);
    }
  }

  /** Takes note of a trace's new size, and reads what came. */
  async grown({ bytes, live }: InspectorEvents["grown"], opened: Opened): Promise<void> {
    opened.bytes.bytes = bytes;
    opened.source.live = live;
    await this.readOn(opened);
  }
}
