/** What the chat tells a person of the engine. */
import { familyNamed } from "../../family/families";
import type { EngineStatus } from "../../shared/chat/chatState";
import type { SupervisorStatus } from "../engine/engineSupervisor";

/** model: the chosen one's name, for as long as none is loaded. */
export function engineStatus(status: SupervisorStatus, model: string): EngineStatus {
  switch (status.kind) {
    case "idle":
      return { kind: "idle", model };
    case "loading":
      return { kind: "loading", model, stage: status.stage, fraction: status.fraction };
    case "ready":
      return { kind: "ready", info: status.info, scope: familyNamed(status.info.family)?.scope };
    case "failed":
      return { kind: "failed", model, message: status.message };
    default:
      return status satisfies never;
  }
}
