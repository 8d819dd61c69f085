/** Which device a model runs on: found out by running it there. */
import { availableParallelism } from "node:os";
import type { CacheLayout } from "../../onnx/evictableDecoder";
import { ModelRefused } from "../../onnx/modelRefused";
import type { RewrittenModel } from "../../onnx/rewrite/rewriteModel";
import { weightBytes } from "../../onnx/weights/weightBytes";
import type { Device, DeviceChoice } from "../../shared/settings/settings";
import type { DeviceAttempt } from "../../shared/wire/engineApi";
import { RotaryAngles } from "../cache/rotaryAngles";
import { Session } from "../runtime/runtime";
import { CachedDecoder } from "./cachedDecoder";
import { whatItLacks } from "./deviceLacks";
import { openFastest, type SpeedMemory } from "./fastestDevice";
import { tried } from "./trials";
import {
  limitToSoundSteps,
  refuseSoftcap,
  refuseSoftwareGraphics,
  refuseUnsoundScores,
} from "./webgpuDriver";

/** A rewritten model, or a graph made in memory that comes from no file. */
export type OpenableModel = Pick<RewrittenModel, "decoder" | "graph"> & Partial<RewrittenModel>;

/** A decoder that computes, and how its device was found. */
export interface OpenedDecoder {
  decoder: CachedDecoder;
  /** As it was rewritten for the device. */
  graph: Uint8Array;
  /** Devices that were tried or timed, in the order in which each came first. */
  attempts: DeviceAttempt[];
}

/** How “auto” finds the faster device. */
export interface Timing {
  memory: SpeedMemory;
  onMeasure: () => void;
}

type Opened = Pick<OpenedDecoder, "decoder" | "graph">;

const unremembered: Timing = {
  memory: { recall: () => Promise.resolve(undefined), keep: () => Promise.resolve() },
  onMeasure: () => undefined,
};

/**
 * Opens a model on the chosen device. “auto” takes the faster of WebGPU and the CPU; WebGPU only
 * where there is a graphics device and its driver computes what the CPU computes.
 * Throws a ModelRefused that gives every device's reason if none could run the model.
 */
export async function openDecoder(
  rewrite: (layout: CacheLayout, device: Device) => Promise<OpenableModel>,
  choice: DeviceChoice,
  { memory, onMeasure } = unremembered,
): Promise<OpenedDecoder> {
  const attempts = new Map<Device, DeviceAttempt>();
  const open = async (device: Device): Promise<Opened | undefined> => {
    try {
      if (choice === "auto" && device === "webgpu") refuseSoftwareGraphics();
      const opened = await openOn(device, rewrite);
      attempts.set(device, { device });
      return opened;
    } catch (error) {
      // It would be refused for every other device too.
      if (error instanceof ModelRefused) throw error;
      attempts.set(device, { device, error: whatItLacks(error) });
      return undefined;
    }
  };
  const { opened, speeds } =
    choice === "auto"
      ? await openFastest(open, memory, onMeasure)
      : { opened: await open(choice), speeds: {} };
  if (!opened) throw refusalOf([...attempts.values()]);
  for (const [device, stepMillis] of Object.entries(speeds) as [Device, number][])
    attempts.set(device, { ...attempts.get(device), device, stepMillis });
  return { ...opened, attempts: [...attempts.values()] };
}

function refusalOf(attempts: DeviceAttempt[]): ModelRefused {
  const reasons = attempts.map(({ device, error }) => `${device}: ${error}`);
  return new ModelRefused(`The model runs on none of the devices tried. ${reasons.join(" ")}`);
}

async function openOn(
  device: Device,
  rewrite: (layout: CacheLayout, device: Device) => Promise<OpenableModel>,
): Promise<Opened> {
  const model = await rewrite(layoutOf(device), device);
  const { graph, modelFile = "model.onnx" } = model;
  const decoder = await tried({ file: modelFile, graph, device }, () => tryDevice(model, device));
  return { decoder, graph };
}

/** WebGPU alone keeps the cache on its device. */
export function layoutOf(device: Device): CacheLayout {
  return device === "webgpu" ? "in-place" : "blocks";
}

/** Bytes of weights that keep a thread busy for longer than it takes to share them out. */
const bytesPerThread = 32 << 20;

/** Threads for weights of so many bytes; 0 is one for each physical core. */
export function threadsFor(weights: number, logicalCores: number): number {
  const busy = Math.max(1, Math.ceil(weights / bytesPerThread));
  // Two logical cores may be one physical one, and Node does not tell.
  return busy > 1 && busy >= logicalCores / 2 ? 0 : busy;
}

/** A decoder with sessions of its own. Throws what the device says against the model. */
export async function decoderOf(
  { graph: bytes, angles, weightsFolder, decoder: model }: OpenableModel,
  device: Device,
): Promise<CachedDecoder> {
  const threads = threadsFor(weightBytes(bytes), availableParallelism());
  const session = await Session.create({ bytes, weightsFolder }, device, threads);
  if (!angles) return new CachedDecoder(session, model);
  try {
    const ofAngles = await Session.create({ bytes: angles, weightsFolder }, "cpu", 1);
    return new CachedDecoder(session, model, true, new RotaryAngles(ofAngles, model));
  } catch (error) {
    await session.dispose();
    throw error;
  }
}

/** Throws if the device cannot run the model, or runs it to numbers that are none. */
async function tryDevice(model: OpenableModel, device: Device): Promise<CachedDecoder> {
  if (device === "webgpu") {
    refuseSoftcap(model.decoder);
    await refuseUnsoundScores();
  }
  const decoder = await decoderOf(model, device);
  try {
    const logits = await decoder.feed([[0, 0]]);
    if (!logits.every(Number.isFinite)) throw new Error("It computes numbers that are not finite.");
    await decoder.truncate(0);
    if (device === "webgpu") await limitToSoundSteps(decoder);
    return decoder;
  } catch (error) {
    await decoder.dispose();
    throw error;
  }
}
