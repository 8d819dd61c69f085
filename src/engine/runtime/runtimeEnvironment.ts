/**
 * Imported before ONNX Runtime is loaded, which reads its variables then and never again: nobody's
 * ORT_* choose options of a session, and its telemetry stays off.
 */
import { noTelemetry } from "../../shared/noTelemetry";

for (const name of Object.keys(process.env)) if (name.startsWith("ORT_")) delete process.env[name];
Object.assign(process.env, noTelemetry);
