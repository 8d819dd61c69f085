/** Starts the engine at argv[2], lets it hang, prints its pid, and waits to be killed. */
import { EngineProcess } from "../../src/client/engineProcess";
import { ask } from "./ask";

const engine = new EngineProcess({ script: process.argv[2] ?? "" });
engine.subscribe({ text: () => process.stdout.write(String(engine.pid)) });
engine.request("generate", ask("one hang")).catch(() => undefined);
