/**
 * The wire between an inspector view and its host (VS Code, the browser server, a saved page),
 * types only. JSON-RPC both ways: see wire.ts. The host serves bytes and never reads a trace;
 * a view begins with `open` and pulls the ranges that it wants to see.
 */

/** A trace that can be looked at: a run in progress, a stored run, or a file. */
export interface TraceSource {
  /** Names the trace in every request; chosen by the host, never a path. */
  id: string;
  /** As shown in the title: the file's name, or the question's first words. */
  name: string;
  /** Bytes that can be read now. */
  bytes: number;
  /** True while a run is still writing it. */
  live: boolean;
}

/** `length` bytes of a trace from `offset` on. */
export interface ByteRange {
  offset: number;
  length: number;
}

/** What a view is to show. */
export interface Shown {
  /** One trace, or two to be compared; none before the first run. */
  traces: TraceSource[];
  /** Of the first trace, from 0. */
  chain: number;
  /** Whether the chat's next run takes its place. */
  follows: boolean;
}

/** What a view is to show again; traces by their ids. */
export interface Pinned {
  traces: string[];
  chain: number;
}

/** What a host can do beside serving bytes; a view hides what is not there. */
export interface InspectorAbilities {
  /** Replays a trace with the full cache and writes what it finds into the trace. */
  replay: boolean;
  /** Finds or makes a second run of the same prompt. */
  compare: boolean;
  /** Shows a token's place in the chat that it came from. */
  reveal: boolean;
  /** There is a chat to follow: the view can be pinned, and another one opened. */
  follow: boolean;
}

/** What a view asks of its host. Each answers with an Error whose message can be shown as it is. */
export interface InspectorRequests {
  open: {
    /** What this page was pinned to before it was loaded anew; for a host that has begun since. */
    params: { pinned: Pinned | null };
    result: Shown & { abilities: InspectorAbilities };
  };
  /** Follows the chat, which is then shown by `show`, or stays with what is shown. */
  follow: { params: { following: boolean }; result: null };
  /** Shows the same chain of the same trace in another view, which stays with it. */
  openAnother: { params: { trace: string; chain: number }; result: null };
  /**
   * Of each range at most `length` bytes from `offset` on; fewer at the end of the trace, never
   * more than 8 MiB in all. A transport that carries text only turns the bytes back into
   * ArrayBuffers on its own.
   */
  readRanges: {
    params: { trace: string; ranges: ByteRange[] };
    result: ArrayBuffer[];
  };
  /**
   * Asks for `grown` events, or for silence. A view watches live traces while it is visible; on
   * watching it is told the present size at once.
   */
  watch: { params: { trace: string; watching: boolean }; result: null };
  /** Settles when the divergence records lie in the trace; `replaying` tells how far it is. */
  replay: {
    params: { trace: string };
    result: { tokens: number; firstDivergence: number | null; meanKl: number };
  };
  cancelReplay: { params: { trace: string }; result: null };
  /** The host asks which run; null when the person gave up. */
  pickComparison: { params: { trace: string }; result: TraceSource | null };
  /** The host asks where to: the file's name as it was saved, null when the person gave up. */
  saveFile: {
    params: { name: string; mediaType: string; bytes: ArrayBuffer };
    result: { saved: string | null };
  };
  copy: { params: { text: string }; result: null };
  /** The viewer's own script and style, for a page that holds trace and viewer in one. */
  viewer: { params: null; result: { script: string; style: string } };
  revealInChat: { params: { trace: string; chain: number; position: number }; result: null };
}

/** What a host tells its view unasked. */
export interface InspectorEvents {
  /** Takes the place of what is shown; the view keeps its place in it. */
  show: Shown;
  /** At most 60 a second, and only while watched. The last one of a run has `live` false. */
  grown: { trace: string; bytes: number; live: boolean };
  replaying: { trace: string; done: number; total: number };
}
