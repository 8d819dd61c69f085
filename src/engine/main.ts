/** The engine process: answers its host over IPC, and ends when the host is gone. */
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from "vscode-jsonrpc/node";
import type { EngineEvents, EngineRequests } from "../shared/wire/engineApi";
import { emit, serve } from "../shared/wire/wire";
import { startHeartbeat } from "./heartbeat";

process.on("disconnect", () => process.exit());
// Ctrl-C in a terminal reaches the whole group; the host says what is to stop.
process.on("SIGINT", () => undefined);
void main();

async function main(): Promise<void> {
  await startHeartbeat();
  // Only now: loading ONNX Runtime from a slow disk may take longer than the host bears silence.
  const { Engine } = await import("./engine");
  const connection = createMessageConnection(
    new IPCMessageReader(process),
    new IPCMessageWriter(process),
  );
  const engine = new Engine((name, event) =>
    emit<EngineEvents, typeof name>(connection, name, event),
  );
  serve<EngineRequests>(connection, engine.handlers);
  connection.listen();
}
