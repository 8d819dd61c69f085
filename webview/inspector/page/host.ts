import type {
  InspectorEvents,
  InspectorRequests,
  Pinned,
  TraceSource,
} from "../../../src/shared/wire/inspectorApi";
import type { ByteSource } from "../../../src/shared/trace/byteSource";
import { listen, request, type Listeners } from "../../../src/shared/wire/wire";
import { connectToHost } from "../../common/connection";
import { embedded, type Viewer } from "../export/page";
import { together } from "../state/together";

/** Who serves the traces: an editor, a browser server, or the page itself. */
export interface Host {
  ask<K extends keyof InspectorRequests>(
    name: K,
    params: InspectorRequests[K]["params"],
  ): Promise<InspectorRequests[K]["result"]>;
  /** What this page was pinned to before it was loaded anew. */
  pinned(): Pinned | null;
  rememberPinned(pinned: Pinned | null): void;
}

export function connect(listeners: Listeners<InspectorEvents>): Host {
  const element = document.getElementById(embedded.trace);
  if (element) return pageHost(element);
  const host = connectToHost();
  const { connection } = host;
  listen<InspectorEvents>(connection, listeners);
  connection.listen();
  return {
    ask: (name, params) => request<InspectorRequests, typeof name>(connection, name, params),
    pinned: () => (host.remembered() ?? null) as Pinned | null,
    rememberPinned: (pinned) => host.remember(pinned),
  };
}

/** A trace as the host serves it, by range. */
export function remoteBytes(host: Host, source: TraceSource): ByteSource & { bytes: number } {
  return {
    bytes: source.bytes,
    size() {
      return Promise.resolve(this.bytes);
    },
    read: together((ranges) => host.ask("readRanges", { trace: source.id, ranges })),
  };
}

/** A page that holds the trace asks nobody. */
function pageHost(element: HTMLElement): Host {
  const bytes = bytesOf(element.textContent.trim());
  const name = element.dataset.name ?? "trace";
  const source = { id: "page", name, bytes: bytes.length, live: false };
  const abilities = { replay: false, compare: false, reveal: false, follow: false };
  const answers: { [K in keyof InspectorRequests]?: Answer<K> } = {
    open: () => ({ traces: [source], chain: 0, follows: false, abilities }),
    readRanges: ({ ranges }) =>
      ranges.map(({ offset, length }) => bytes.slice(offset, offset + length).buffer),
    saveFile: (file) => ({ saved: download(file) }),
    watch: () => null,
    copy: ({ text }) => {
      void navigator.clipboard.writeText(text);
      return null;
    },
    viewer: () => JSON.parse(document.getElementById(embedded.viewer)?.textContent ?? "") as Viewer,
  };
  return {
    ask(asked, params) {
      const answer = answers[asked];
      if (answer) return Promise.resolve(answer(params));
      return Promise.reject(new Error("A saved page shows its own trace only."));
    },
    pinned: () => null,
    rememberPinned: () => undefined,
  };
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const letters = atob(base64);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = letters.charCodeAt(at);
  return bytes;
}

type Answer<K extends keyof InspectorRequests> = (
  params: InspectorRequests[K]["params"],
) => InspectorRequests[K]["result"];

function download({ name, mediaType, bytes }: InspectorRequests["saveFile"]["params"]): string {
  const address = URL.createObjectURL(new Blob([bytes], { type: mediaType }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
  return name;
}
