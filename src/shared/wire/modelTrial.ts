/** A model's graph that is tried on a device, so that what it does to the engine is its own doing. */
import type { Device } from "../settings/settings";

/** Which graph was tried, and where. */
export interface ModelTrial {
  /** The model file's name, without its folder. */
  file: string;
  /** SHA-256 of the graph as ONNX Runtime gets it. */
  hash: string;
  device: Device;
  /** ONNX Runtime's version. */
  runtime: string;
  /** The file that a crash is remembered in; absent where nothing can be kept. */
  record?: string;
}

/** did: “crash (SIGSEGV)”. One sentence that says what to do. */
export function crashSentence(trial: ModelTrial, did: string): string {
  return `${subject(trial)} makes ONNX Runtime ${did} ${place(trial)}: ${remedy(trial)}.`;
}

/** As crashSentence, for a trial that is not made because an earlier one ended so. */
export function rememberedSentence(trial: ModelTrial, did: string): string {
  const again = trial.record === undefined ? "" : `, or delete ${trial.record} to try it again`;
  return `${subject(trial)} made ONNX Runtime ${did} ${place(trial)} before and is not tried again: ${remedy(trial)}${again}.`;
}

function subject({ file, hash }: ModelTrial): string {
  return `The model file “${file}” (graph ${hash.slice(0, 16)})`;
}

function place({ device, runtime }: ModelTrial): string {
  return `on ${device}, version ${runtime}`;
}

function remedy({ device }: ModelTrial): string {
  return device === "cpu"
    ? "use another export of the model, from a publisher you trust"
    : "choose the CPU, or another export of the model";
}
