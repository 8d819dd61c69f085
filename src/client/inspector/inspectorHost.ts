/** Serves the bytes of one trace, or of two to be compared, to one inspector view. */
import type { MessageConnection } from "vscode-jsonrpc";
import type { ByteSource } from "../../shared/trace/byteSource";
import type {
  InspectorAbilities,
  InspectorEvents,
  InspectorRequests,
  TraceSource,
} from "../../shared/wire/inspectorApi";
import { emit, type Handlers, serve } from "../../shared/wire/wire";

/** A trace that a view is shown, by an id that says nothing of where it lies. */
export interface OpenTrace {
  id: string;
  name: string;
  bytes: ByteSource;
  /** True while a run is still writing it. */
  isLive: () => boolean;
}

/** What differs between hosts and traces. */
export interface InspectorSurroundings {
  abilities: InspectorAbilities;
  replay(
    trace: string,
    onProgress: (done: number, total: number) => void,
  ): Promise<InspectorRequests["replay"]["result"]>;
  cancelReplay(trace: string): Promise<void>;
  pickComparison(trace: string): Promise<OpenTrace | undefined>;
  /** The file's name as it was saved; undefined when the person gave up. */
  saveFile(name: string, bytes: Uint8Array): Promise<string | undefined>;
  copy(text: string): Promise<void>;
  viewer(): Promise<{ script: string; style: string }>;
  reveal(trace: string, chain: number, position: number): Promise<void>;
}

const longestRange = 8 * 1024 * 1024;
/** With shorter pauses a page that paints on the engine's own cores slows it more: bench/watched.ts. */
const betweenLooksMillis = 50;

export class InspectorHost {
  private readonly traces: Map<string, OpenTrace>;
  private readonly watched = new Map<string, NodeJS.Timeout>();

  constructor(
    traces: OpenTrace[],
    private readonly surroundings: InspectorSurroundings,
  ) {
    this.traces = new Map(traces.map((trace) => [trace.id, trace]));
  }

  /** Serves the view until the returned function is called. The connection must not listen yet. */
  attach(connection: MessageConnection): () => void {
    serve<InspectorRequests>(connection, this.handlers(connection));
    connection.listen();
    return () => this.stopWatching();
  }

  /** For a view that cannot be seen: it watches again when it is back. */
  stopWatching(): void {
    for (const timer of this.watched.values()) clearTimeout(timer);
    this.watched.clear();
  }

  private handlers(connection: MessageConnection): Handlers<InspectorRequests> {
    const { surroundings } = this;
    return {
      open: async () => ({
        traces: await Promise.all([...this.traces.values()].map(sourceOf)),
        abilities: surroundings.abilities,
      }),
      readRange: ({ trace, offset, length }) => this.readRange(trace, offset, length),
      watch: ({ trace, watching }) => Promise.resolve(this.watch(connection, trace, watching)),
      replay: ({ trace }) =>
        surroundings.replay(trace, (done, total) => {
          emit<InspectorEvents, "replaying">(connection, "replaying", { trace, done, total }).catch(
            () => undefined,
          );
        }),
      cancelReplay: async ({ trace }) => {
        await surroundings.cancelReplay(trace);
        return null;
      },
      pickComparison: ({ trace }) => this.pickComparison(trace),
      saveFile: async ({ name, bytes }) => ({
        saved: (await surroundings.saveFile(name, new Uint8Array(bytes))) ?? null,
      }),
      copy: async ({ text }) => {
        await surroundings.copy(text);
        return null;
      },
      viewer: () => surroundings.viewer(),
      revealInChat: async ({ trace, chain, position }) => {
        await surroundings.reveal(trace, chain, position);
        return null;
      },
    };
  }

  private readRange(id: string, offset: number, length: number): Promise<ArrayBuffer> {
    if (!(offset >= 0 && length >= 0 && length <= longestRange))
      throw new RangeError(
        `The range ${offset}+${length} is not one: ask for at most 8 MiB at a time.`,
      );
    return this.traceOf(id).bytes.read(offset, length);
  }

  private watch(connection: MessageConnection, id: string, watching: boolean): null {
    clearTimeout(this.watched.get(id));
    this.watched.delete(id);
    if (watching) this.look(connection, this.traceOf(id), -1);
    return null;
  }

  /** Tells the size if it has changed, and looks again until nothing more can come. */
  private look(connection: MessageConnection, trace: OpenTrace, told: number): void {
    const later = (known: number): void => {
      const timer = setTimeout(() => this.look(connection, trace, known), betweenLooksMillis);
      this.watched.set(trace.id, timer);
    };
    const live = trace.isLive(); // Asked before the size: the last bytes come before the end.
    const tell = async (): Promise<void> => {
      const bytes = await trace.bytes.size();
      if (bytes !== told || !live)
        await emit<InspectorEvents, "grown">(connection, "grown", { trace: trace.id, bytes, live });
      if (live && this.watched.has(trace.id)) later(bytes);
    };
    this.watched.set(
      trace.id,
      setTimeout(() => void tell().catch(() => undefined)),
    );
  }

  private async pickComparison(id: string): Promise<TraceSource | null> {
    const picked = await this.surroundings.pickComparison(id);
    if (!picked) return null;
    this.traces.set(picked.id, picked);
    return sourceOf(picked);
  }

  private traceOf(id: string): OpenTrace {
    const trace = this.traces.get(id);
    if (!trace) throw new RangeError(`There is no trace “${id}” in this view.`);
    return trace;
  }
}

async function sourceOf({ id, name, bytes, isLive }: OpenTrace): Promise<TraceSource> {
  return { id, name, bytes: await bytes.size(), live: isLive() };
}
