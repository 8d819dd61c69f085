/** What can be known of a WebGPU driver: whether there is a graphics device, and what it computes. */
import { readdirSync } from "node:fs";
import type { EvictableDecoder } from "../../onnx/evictableDecoder";
import { Random } from "../../shared/random";
import { defaultCacheSettings, type Device } from "../../shared/settings/settings";
import { byPosition, Scorer, type LayerContents } from "../compaction/scorer";
import { float32s } from "../runtime/runtime";
import type { CachedDecoder } from "./cachedDecoder";

const linuxGraphics = { "/dev/dri": /^renderD/, "/dev": /^(nvidia\d|dxg|kgsl)/ };
const softwareDrivers = /swiftshader|lvp|llvmpipe/i;

/**
 * Throws where WebGPU would run in software: it works, but slower than the CPU. The runtime does
 * not tell which driver it got, so this looks for a graphics device's file under its known names.
 */
export function refuseSoftwareGraphics(): void {
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

/** Throws if a layer caps its scores: onnxruntime 1.30's attention on WebGPU leaves that out. */
export function refuseSoftcap({ layers }: EvictableDecoder): void {
  if (layers.some(({ softcap }) => softcap > 0))
    throw new Error("WebGPU's attention ignores the softcap that this model needs: use the CPU.");
}

const scoreTolerance = 1e-4;

let soundness: Promise<void> | undefined;

/** Throws if the driver, which stays the same for a process, computes other scores than the CPU. */
export function refuseUnsoundScores(): Promise<void> {
  return (soundness ??= compareScores());
}

async function compareScores(): Promise<void> {
  const [here, there] = [await probeScores("webgpu"), await probeScores("cpu")];
  if (here.some((score, i) => !(Math.abs(score - there[i]) <= scoreTolerance)))
    throw new Error("Its driver computes other numbers than the CPU: update the graphics driver.");
}

/** From 32 tokens on, onnxruntime's WebGPU attention takes another path: its flash attention. */
const [shortStep, longStep] = [16, 32];
/** Share of the largest logit, above what rounding does. A false alarm costs time, no more. */
const logitTolerance = { float32: 0.002, float16: 0.01 };

/**
 * Lets a decoder read in short steps if long ones give other logits. Seen with onnxruntime 1.30
 * on SwiftShader, whose subgroups are narrower than the flash attention's kernel takes for granted.
 */
export async function limitToSoundSteps(decoder: CachedDecoder): Promise<void> {
  const { vocabulary, cacheType, rotaryRows = longStep } = decoder.model;
  const length = Math.min(longStep, rotaryRows);
  const ids = Array.from({ length }, (_, i) => (i * 7919) % vocabulary);
  const atOnce = await decoder.feed([ids]);
  await decoder.truncate(0);
  decoder.limitStep(shortStep);
  const inSteps = await decoder.feed([ids]);
  await decoder.truncate(0);
  const largest = inSteps.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);
  const tolerance = largest * logitTolerance[cacheType];
  const isSound = inSteps.every((logit, i) => Math.abs(logit - atOnce[i]) <= tolerance);
  if (isSound) decoder.limitStep(Infinity);
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
    capacity: slots,
    order: byPosition(heads, slots),
    keys: () => keys,
    noise: () => new Float32Array(heads * (slots - window)),
  };
  const scorer = new Scorer(device, "float32");
  const settings = { ...defaultCacheSettings, observationWindow: window };
  const votes = { dims: [heads, 1, window, headDim], tensor: () => queries } as const;
  const [{ scores }] = await scorer.score([contents], votes, settings);
  await scorer.dispose();
  return scores;
}
