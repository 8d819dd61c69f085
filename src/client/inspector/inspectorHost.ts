/** Serves the bytes of one trace, or of two to be compared, to one inspector view. */
import type { MessageConnection } from "vscode-jsonrpc";
import type {
  ByteRange,
  InspectorAbilities,
  InspectorEvents,
  InspectorRequests,
  Pinned,
  Shown,
  TraceSource,
} from "../../shared/wire/inspectorApi";
import { emit, type Handlers, serve } from "../../shared/wire/wire";
import type { Followed, Follower, Look } from "./followed";
import type { OpenTrace } from "./traceBytes";

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
  openAnother(look: Look): Promise<void>;
  /** The view shows something else than before. */
  shown?(look: Look): void;
}

/** The chat that a view follows, unless it stays with what it shows. */
export interface FollowedChat {
  following: Followed;
  isPinned?: boolean;
}

const mostBytes = 8 * 1024 * 1024;
/** With shorter pauses a page that paints on the engine's own cores slows it more: bench/watched.ts. */
const betweenLooksMillis = 50;

export class InspectorHost implements Follower {
  /** All that it was shown: a page goes on reading for a while in what it leaves. */
  private readonly traces = new Map<string, OpenTrace>();
  private readonly watched = new Map<string, NodeJS.Timeout>();
  private connection: MessageConnection | undefined;
  private isOpened = false;
  private follows: boolean;

  /** @param chat absent where there is none to follow */
  constructor(
    private now: Look,
    private readonly surroundings: InspectorSurroundings,
    private readonly chat?: FollowedChat,
  ) {
    this.follows = chat !== undefined && chat.isPinned !== true;
    this.take(now);
  }

  /** Serves the view until the returned function is called. The connection must not listen yet. */
  attach(connection: MessageConnection): () => void {
    this.connection = connection;
    if (this.follows) this.chat?.following.followers.add(this);
    serve<InspectorRequests>(connection, this.handlers(connection));
    connection.listen();
    return () => {
      this.connection = undefined;
      this.chat?.following.followers.delete(this);
      this.stopWatching();
    };
  }

  show(look: Look): void {
    this.take(look);
    this.tellShown().catch(() => undefined); // A view that is gone asks when it is back.
  }

  private take(look: Look): void {
    this.now = look;
    for (const trace of look.traces) this.traces.set(trace.id, trace);
    this.surroundings.shown?.(look);
  }

  private async tellShown(): Promise<void> {
    const { now, connection } = this;
    const shown = await this.shown();
    if (connection && now === this.now)
      await emit<InspectorEvents, "show">(connection, "show", shown);
  }

  private async shown(): Promise<Shown> {
    const { now, follows } = this;
    return { traces: await Promise.all(now.traces.map(sourceOf)), chain: now.chain, follows };
  }

  private follow(following: boolean): null {
    const { chat } = this;
    if (!chat) throw new Error("There is no chat to follow: open the inspector from the chat.");
    this.follows = following;
    if (!following) chat.following.followers.delete(this);
    else {
      chat.following.followers.add(this);
      if (chat.following.look.traces.length > 0) this.show(chat.following.look);
    }
    return null;
  }

  /** Stays with what the page stayed with under a host before this one, where that is still stored. */
  private async restore({ traces, chain }: Pinned): Promise<void> {
    const look = await this.chat?.following.stored(traces, chain);
    if (!look) return;
    this.follow(false);
    this.take(look);
  }

  /** For a view that cannot be seen: it watches again when it is back. */
  stopWatching(): void {
    for (const timer of this.watched.values()) clearTimeout(timer);
    this.watched.clear();
  }

  private handlers(connection: MessageConnection): Handlers<InspectorRequests> {
    const { surroundings } = this;
    return {
      open: async ({ pinned }) => {
        if (pinned && !this.isOpened) await this.restore(pinned);
        this.isOpened = true;
        return { ...(await this.shown()), abilities: surroundings.abilities };
      },
      follow: ({ following }) => Promise.resolve(this.follow(following)),
      openAnother: async ({ trace, chain }) => {
        await surroundings.openAnother({ traces: [this.traceOf(trace)], chain });
        return null;
      },
      readRanges: ({ trace, ranges }) => this.readRanges(trace, ranges),
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

  private readRanges(id: string, ranges: ByteRange[]): Promise<ArrayBuffer[]> {
    let left = mostBytes;
    for (const { offset, length } of ranges) {
      left -= length;
      if (!(offset >= 0 && length >= 0 && left >= 0))
        throw new RangeError(
          `The range ${offset}+${length} is not one: ask for at most 8 MiB at a time.`,
        );
    }
    return this.traceOf(id).bytes.readAll(ranges);
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
  const live = isLive(); // Asked before the size: a run that ends meanwhile is looked at once more.
  return { id, name, bytes: await bytes.size(), live };
}
