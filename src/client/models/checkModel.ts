import type { CheckReport, EngineRequests } from "../../shared/wire/engineApi";
import { EngineEndedError, modelsDoing } from "../engine/engineEnd";
import type { EngineProcess } from "../engine/engineProcess";

/** A model that ends the engine is refused like one that is not understood. */
export async function checkModel(
  engine: EngineProcess,
  params: EngineRequests["check"]["params"],
): Promise<CheckReport> {
  try {
    return await engine.request("check", params);
  } catch (error) {
    if (!(error instanceof EngineEndedError) || !modelsDoing(error.end)) throw error;
    return { supported: false, reason: error.message };
  }
}
