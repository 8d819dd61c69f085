/** Starts the engine at argv[2], which hangs on the model at argv[3], prints its pid, and waits to be killed. */
import { EngineProcess } from "../../src/client/engine/engineProcess";

const [script = "", folder = ""] = process.argv.slice(2);
const engine = new EngineProcess({ script });
engine.subscribe({
  loading: ({ stage }) => {
    if (stage === "session") process.stdout.write(String(engine.pid));
  },
});
engine.request("load", { folder, device: "cpu" }).catch(() => undefined);
