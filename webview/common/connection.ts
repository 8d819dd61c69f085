/**
 * The page's way to its host, the same in an editor's webview (postMessage) and in a browser
 * (a WebSocket at the address in the body's `data-rpc`).
 */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageConnection,
} from "vscode-jsonrpc/browser";
import { decodeMessage, encodeMessage } from "../../src/shared/wire/binaryMessage";
import type { PageEvents, PageRequests } from "../../src/shared/wire/pageApi";
import { listen, serve } from "../../src/shared/wire/wire";
import { choose } from "./chooser";
import { pageListeners } from "./pageEvents";

export interface Host {
  /** Not yet listening: register handlers first. */
  connection: MessageConnection;
  /** What `remember` kept through hiding and reload of this page. */
  remembered(): unknown;
  remember(value: unknown): void;
}

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export function isInEditor(): boolean {
  return typeof acquireVsCodeApi === "function";
}

export function connectToHost(): Host {
  return isInEditor() ? editorHost(acquireVsCodeApi()) : browserHost();
}

function editorHost(api: VsCodeApi): Host {
  const reader = new CallbackReader();
  window.addEventListener("message", (event: MessageEvent<Message>) => reader.take(event.data));
  const writer = new CallbackWriter((message) => {
    api.postMessage(message);
    return Promise.resolve();
  });
  return {
    connection: createMessageConnection(reader, writer),
    remembered: () => api.getState(),
    remember: (value) => api.setState(value),
  };
}

function browserHost(): Host {
  const place = document.body.dataset.rpc ?? "/rpc";
  const address = new URL(place, window.location.href);
  address.protocol = "ws:";
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  const opened = new Promise<void>((resolve) => {
    socket.addEventListener("open", () => resolve(), { once: true });
  });
  const reader = new CallbackReader();
  socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
    reader.take(decodeMessage(data) as Message);
  });
  socket.addEventListener("close", () => reader.close());
  const writer = new CallbackWriter(async (message) => {
    await opened;
    socket.send(encodeMessage(message));
  });
  const connection = createMessageConnection(reader, writer);
  listen<PageEvents>(connection, pageListeners);
  serve<PageRequests>(connection, { choose });
  const key = `rkv:${place}`;
  return {
    connection,
    remembered: () => JSON.parse(sessionStorage.getItem(key) ?? "null") as unknown,
    remember: (value) => sessionStorage.setItem(key, JSON.stringify(value)),
  };
}

class CallbackReader extends AbstractMessageReader {
  private callback: DataCallback | undefined;

  listen(callback: DataCallback): Disposable {
    this.callback = callback;
    return { dispose: () => (this.callback = undefined) };
  }

  take(message: Message): void {
    this.callback?.(message);
  }

  close(): void {
    this.fireClose();
  }
}

class CallbackWriter extends AbstractMessageWriter {
  constructor(private readonly send: (message: Message) => Promise<void>) {
    super();
  }

  write(message: Message): Promise<void> {
    return this.send(message);
  }

  end(): void {}
}
