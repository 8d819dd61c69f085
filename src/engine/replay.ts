import type { EngineRequests } from "../shared/engineApi";
import type { RunControl } from "./runControl";

export async function replayTrace(
  _params: EngineRequests["replay"]["params"],
  _control: RunControl,
  _onProgress: (done: number, total: number) => Promise<void>,
): Promise<EngineRequests["replay"]["result"]> {
  return Promise.reject(new Error("Replay is on its way."));
}
