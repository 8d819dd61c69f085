/** A JSON-RPC connection over a WebSocket. */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import type { WebSocket } from "ws";
import { decodeMessage, encodeMessage } from "../../shared/wire/binaryMessage";
import { reasonOf } from "../../shared/reasonOf";

/** Requests that are under way when the socket closes settle with an error. */
export function socketConnection(socket: WebSocket): MessageConnection {
  socket.binaryType = "arraybuffer";
  const connection = createMessageConnection(new SocketReader(socket), new SocketWriter(socket));
  connection.onClose(() => connection.dispose());
  return connection;
}

/** The longest reason that a close frame holds, in bytes. */
const longestReason = 123;

/** Closes a socket that nothing can be served over, with the reason. */
export function refuseSocket(socket: WebSocket, error: unknown): void {
  const reason = Buffer.from(reasonOf(error));
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  // As a stream, a character that is cut in two is left out.
  const whole = decoder.decode(reason.subarray(0, longestReason), { stream: true });
  socket.close(1008, whole);
}

class SocketReader extends AbstractMessageReader {
  constructor(private readonly socket: WebSocket) {
    super();
    socket.on("close", () => this.fireClose());
    socket.on("error", (error) => this.fireError(error));
  }

  listen(callback: DataCallback): Disposable {
    this.socket.on("message", (data, isBinary) => {
      try {
        callback(decodeMessage(isBinary ? (data as ArrayBuffer) : textOf(data)) as Message);
      } catch {
        this.socket.close(1007, "not a message of ours");
      }
    });
    return { dispose: () => this.socket.removeAllListeners("message") };
  }
}

/** With binaryType “arraybuffer”, text comes as an ArrayBuffer too. */
function textOf(data: unknown): string {
  return data instanceof ArrayBuffer ? new TextDecoder().decode(data) : String(data);
}

class SocketWriter extends AbstractMessageWriter {
  constructor(private readonly socket: WebSocket) {
    super();
  }

  write(message: Message): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.send(encodeMessage(message), (error) => (error ? reject(error) : resolve()));
    });
  }

  end(): void {}
}
