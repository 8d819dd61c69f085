/** The engine process: answers its host over IPC, and ends when the host is gone. */
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from "vscode-jsonrpc/node";
import type { EngineEvents, EngineRequests } from "../shared/engineApi";
import { emit, serve } from "../shared/wire";
import { Engine } from "./engine";
import { watchParent } from "./parentWatch";

const connection = createMessageConnection(
  new IPCMessageReader(process),
  new IPCMessageWriter(process),
);
const engine = new Engine((name, event) =>
  emit<EngineEvents, typeof name>(connection, name, event),
);
serve<EngineRequests>(connection, engine.handlers);
process.on("disconnect", () => process.exit());
// Ctrl-C in a terminal reaches the whole group; the host says what is to stop.
process.on("SIGINT", () => undefined);
void watchParent().then(() => connection.listen());
