/** Which device a model runs on: found out by running it there. */
import { readdirSync } from "node:fs";
import type { CacheLayout, EvictableDecoder } from "../onnx/evictableDecoder";
import { ModelRefused } from "../onnx/modelRefused";
import type { DeviceAttempt } from "../shared/engineApi";
import { Random } from "../shared/random";
import { defaultCacheSettings, type Device, type DeviceChoice } from "../shared/settings";
import { CachedDecoder } from "./cachedDecoder";
import { float32s, Session } from "./runtime";
import { Scorer, type LayerContents } from "./scorer";

export interface RewrittenModel {
  decoder: EvictableDecoder;
  /** The rewritten graph, without the weights that lie in files. */
  graph: Uint8Array;
  weightsFolder?: string;
}

export interface OpenedDecoder {
  decoder: CachedDecoder;
  /** Devices that were tried, in order; the last one won. */
  attempts: DeviceAttempt[];
}

/**
 * Opens a model on the chosen device. “auto” takes WebGPU where there is a graphics device and its
 * driver computes what the CPU computes, and the CPU otherwise.
 * Throws an Error that gives every device's reason if none could run the model.
 */
export async function openDecoder(
  rewrite: (layout: CacheLayout) => Promise<RewrittenModel>,
  choice: DeviceChoice,
): Promise<OpenedDecoder> {
  const attempts: DeviceAttempt[] = [];
  for (const device of choice === "auto" ? (["webgpu", "cpu"] as const) : [choice]) {
    try {
      if (choice === "auto" && device === "webgpu") refuseSoftwareGraphics();
      const model = await rewrite(layoutOf(device));
      const decoder = await tryDevice(model, device);
      attempts.push({ device });
      return { decoder, attempts };
    } catch (error) {
      // It would be refused for every other device too.
      if (error instanceof ModelRefused) throw error;
      attempts.push({ device, error: error instanceof Error ? error.message : String(error) });
    }
  }
  const reasons = attempts.map(({ device, error }) => `${device}: ${error}`);
  throw new Error(`The model runs on none of the devices tried. ${reasons.join(" ")}`);
}

export function layoutOf(device: Device): CacheLayout {
  return device === "webgpu" ? "in-place" : "blocks";
}

/** Throws if the device cannot run the model, or runs it to numbers that are none. */
async function tryDevice(model: RewrittenModel, device: Device): Promise<CachedDecoder> {
  if (device === "webgpu") await compareScores(device);
  const { graph: bytes, weightsFolder, decoder: description } = model;
  const session = await Session.create({ bytes, weightsFolder }, device);
  const decoder = new CachedDecoder(session, description);
  try {
    const logits = await decoder.feed([[0, 0]]);
    if (!logits.every(Number.isFinite)) throw new Error("It computes numbers that are not finite.");
    await decoder.truncate(0);
    return decoder;
  } catch (error) {
    await decoder.dispose();
    throw error;
  }
}

const linuxGraphics = { "/dev/dri": /^renderD/, "/dev": /^(nvidia\d|dxg|kgsl)/ };
const softwareDrivers = /swiftshader|lvp|llvmpipe/i;

/**
 * WebGPU in software works, but slower than the CPU. No API of the runtime tells which driver it
 * got, so this looks for a graphics device where its file has a known name.
 */
function refuseSoftwareGraphics(): void {
  if (process.platform !== "linux") return;
  const { VK_ICD_FILENAMES = "", VK_DRIVER_FILES = "" } = process.env;
  const isSoftware = softwareDrivers.test(VK_ICD_FILENAMES + VK_DRIVER_FILES);
  const hasGraphics = Object.entries(linuxGraphics).some(([folder, name]) =>
    filesIn(folder).some((file) => name.test(file)),
  );
  if (isSoftware || !hasGraphics)
    throw new Error(
      "There is no graphics device here, and WebGPU in software is slower than the CPU.",
    );
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const probeTolerance = 1e-4;

/** Throws if a driver computes other scores than the CPU does. */
async function compareScores(device: Device): Promise<void> {
  const [here, there] = [await probeScores(device), await probeScores("cpu")];
  if (here.some((score, i) => !(Math.abs(score - there[i]) <= probeTolerance)))
    throw new Error("Its driver computes other numbers than the CPU: update the graphics driver.");
}

async function probeScores(device: Device): Promise<Float32Array> {
  const [heads, slots, window, headDim] = [2, 48, 8, 32];
  const random = new Random(0);
  const noise = (...dims: number[]) => {
    const size = dims.reduce((product, dim) => product * dim, 1);
    return float32s(
      Float32Array.from({ length: size }, () => random.next() - 0.5),
      dims,
    );
  };
  const [keys, queries] = [noise(heads, slots, headDim), noise(heads, 1, window, headDim)];
  const contents: LayerContents = {
    attention: { scale: 1 / Math.sqrt(headDim), softcap: 0 },
    slots,
    keys: () => keys,
    values: () => keys,
    queries: () => queries,
    noise: () => noise(heads, slots - window),
  };
  const scorer = new Scorer(device, "float32");
  const { scores } = await scorer.score(contents, { ...defaultCacheSettings, window });
  await scorer.dispose();
  return scores;
}
