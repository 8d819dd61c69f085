/** Where the engine and the bundled model lie, and an engine process for one piece of work. */
import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { EngineProcess } from "../client/engine/engineProcess";
import { type DeviceChoice, deviceNames, deviceWords } from "../shared/settings/devices";
import type { LoadParams } from "../shared/wire/engineApi";
import type { Arguments, Option } from "./arguments";
import { UsageError } from "./exitCodes";
import { endOnInterrupt } from "./interrupt";

export const bundledModel = path.join(__dirname, "..", "media", "model");

export const deviceOption: Option = {
  value: "D",
  help: `Where to run: ${deviceNames.join(", ")} (default auto: ${deviceWords.auto.description}).`,
};
export const fullActivationsOption: Option = {
  help: "Keep an int4 model's activations as its export has them: slower on the CPU.",
};
export const measureDevicesOption: Option = {
  help: "Time the model on each device anew, where --device is auto.",
};
export const jsonOption: Option = { help: "Print one JSON object and nothing else." };
export const modelOption: Option = {
  value: "DIR",
  help: "Folder of an ONNX model, or one .onnx file in it (default: the bundled one).",
};

/** Runs `work` with an engine process that ends with it. */
export async function withEngine<T>(work: (engine: EngineProcess) => Promise<T>): Promise<T> {
  const engine = new EngineProcess({ script: path.join(__dirname, "engine.js") });
  const stopListening = endOnInterrupt(engine);
  try {
    return await work(engine);
  } finally {
    stopListening();
    await engine.dispose();
  }
}

/** The absolute path of a folder; throws a UsageError where there is none. holding: what it is for. */
export function existingFolder(folder: string, holding: string): string {
  const absolute = path.resolve(folder);
  if (existsSync(absolute) && statSync(absolute).isDirectory()) return absolute;
  throw new UsageError(`There is no folder ${absolute}; give the folder that holds ${holding}.`);
}

/** The absolute path of a model's folder, or of one .onnx file of several in it. */
export function existingModel(model: string): string {
  const absolute = path.resolve(model);
  if (absolute.endsWith(".onnx") && existsSync(absolute)) return absolute;
  return existingFolder(model, "the model");
}

/** The absolute path of a trace; throws a UsageError where there is no regular file. */
export function existingTrace(file: string): string {
  const absolute = path.resolve(file);
  if (statSync(absolute, { throwIfNoEntry: false })?.isFile()) return absolute;
  throw new UsageError(`There is no file ${absolute}; give a trace (.rkvtrace).`);
}

/** The model that was named, else the bundled one. */
export function modelFolder(args: Arguments): string {
  return existingModel(args.text("model") ?? bundledModel);
}

export function deviceOf(args: Arguments): DeviceChoice {
  return args.choice("device", deviceNames) ?? "auto";
}

/** The model to load, and how, for commands with the options of a model and its devices. */
export function loadParams(args: Arguments): LoadParams {
  const fullActivations = args.flag("full-activations");
  const measureAgain = args.flag("measure-devices");
  return { folder: modelFolder(args), device: deviceOf(args), fullActivations, measureAgain };
}

/** The only operand of a command; throws a UsageError where there is none or more. */
export function onlyOperand(args: Arguments, what: string): string {
  const [operand, ...more] = args.operands;
  if (operand === undefined) throw new UsageError(`The ${what} is missing; name one.`);
  if (more.length > 0) throw new UsageError(`“${more[0]}” is too much: give one ${what} only.`);
  return operand;
}
