/**
 * What keeps ONNX Runtime's own telemetry from ever starting, set before its library is loaded.
 * From 1.29 on it writes a device id and a database among the person's caches and sends them to its
 * maker, unless the first is set (Linux and macOS). On Windows it hands events to the system's
 * tracing; that provider listens to the second alone, which its own tests use.
 */
export const noTelemetry = { ORT_DISABLE_TELEMETRY: "1", ORT_RUNNING_UNIT_TESTS: "1" } as const;
