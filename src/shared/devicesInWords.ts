/** Which devices a model was tried on, as people read it. */
import { deviceWords } from "./settings/devices";
import { rate } from "./units";
import type { DeviceAttempt } from "./wire/engineApi";

/** “CPU: 1.2 ms a step”, “WebGPU: there is no graphics device”, “CPU: works” */
export function deviceInWords({ device, error, stepMillis }: DeviceAttempt): string {
  const time = stepMillis === undefined ? "works" : `${rate(stepMillis)} ms a step`;
  return `${deviceWords[device].label}: ${error ?? time}`;
}
