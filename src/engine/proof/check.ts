/**
 * Compares a rewritten model with the export it came from: the same random ids, once through the
 * stock graph in one piece, once in chunks and single steps through the decoder that generates.
 */
import type { CacheLayout, EvictableDecoder } from "../../onnx/evictableDecoder";
import { ModelRefused } from "../../onnx/modelRefused";
import { referenceGraph } from "../../onnx/rewrite/referenceGraph";
import { rewriteModel } from "../../onnx/rewrite/rewriteModel";
import { Random } from "../../shared/random";
import type { Device, DeviceChoice } from "../../shared/settings/settings";
import type { CheckReport } from "../../shared/wire/engineApi";
import type { CachedDecoder } from "../decoder/cachedDecoder";
import { openDecoder } from "../decoder/openDecoder";
import { tried, type Tried } from "../decoder/trials";
import { ModelFolderError, openModelFolder } from "../model/modelFolder";
import { floatsOf, type GraphSource, int64s, Session } from "../runtime/runtime";

/** Added to all positions: far enough to matter, near enough for a short rotary table. */
const shift = 17;

/** Longest local window that a check reaches over. */
const longestWindow = 256;

/** A refused model is a report too; other errors are thrown. onProgress: after each piece of work. */
export async function checkModel(
  folder: string,
  device: DeviceChoice,
  onProgress: () => void,
): Promise<CheckReport> {
  try {
    const { modelFile } = await openModelFolder(folder);
    return await checkModelFile(modelFile, device, onProgress);
  } catch (error) {
    if (error instanceof ModelRefused || error instanceof ModelFolderError)
      return { supported: false, reason: error.message };
    throw error;
  }
}

/** A comparison with the stock graph, and what it was done on. */
interface Compared {
  report: CheckReport;
  device: Device;
  /** Ids of each step, and the logits after it. */
  steps: number[][];
  rewritten: Float32Array[];
}

/** Throws ModelRefused. */
export async function checkModelFile(
  modelFile: string,
  choice: DeviceChoice,
  onProgress: () => void = () => undefined,
): Promise<CheckReport> {
  const compared = await compareWithStock(modelFile, choice, onProgress);
  const maxRoundingDifference = await roundingDifference(modelFile, compared, onProgress);
  return { ...compared.report, maxRoundingDifference };
}

/**
 * With the export's own activations, so that what the rewrite does is seen apart from rounding. Off
 * the CPU the stock graph runs on both devices and the nearer counts: its own attention on WebGPU is
 * wrong with a softcap (onnxruntime 1.30), and quantized products differ between devices.
 */
async function compareWithStock(
  modelFile: string,
  choice: DeviceChoice,
  onProgress: () => void,
): Promise<Compared> {
  const rewrite = async (layout: CacheLayout) => {
    const model = await rewriteModel({ modelFile, layout, fullActivations: true });
    onProgress();
    return model;
  };
  const { decoder, graph } = await openDecoder(rewrite, choice);
  const { model, device } = decoder;
  const decodeFrom = (first: number) =>
    runOrRefuse({ file: modelFile, graph, device }, () =>
      decode(decoder, steps, first, onProgress),
    );
  const steps = chunksFor(model).map(randomIds(model.vocabulary));
  try {
    const rewritten = await decodeFrom(0);
    const differences: number[] = [];
    for (const stockDevice of new Set<Device>([device, "cpu"])) {
      const stock = await stockLogits(modelFile, model, steps.flat(), stockDevice);
      differences.push(compare(stock, rewritten, steps, model.vocabulary));
      onProgress();
    }
    const report = {
      ...summary(model),
      device,
      maxLogitDifference: Math.min(...differences),
      ...(model.plainRotary && {
        maxShiftDifference: largestDifference(await decodeFrom(shift), rewritten),
      }),
    };
    return { report, device, steps, rewritten };
  } finally {
    await decoder.dispose();
  }
}

/** Undefined where the model runs with the very activations that it was just compared with. */
async function roundingDifference(
  modelFile: string,
  { report, device, steps, rewritten }: Compared,
  onProgress: () => void,
): Promise<number | undefined> {
  if (device !== "cpu") return undefined;
  const rounded = await rewriteModel({ modelFile, layout: "blocks" });
  if (rounded.decoder.dtype === report.dtype) return undefined;
  const { decoder, graph } = await openDecoder(() => Promise.resolve(rounded), device);
  try {
    const what = { file: modelFile, graph, device };
    const logits = await runOrRefuse(what, () => decode(decoder, steps, 0, onProgress));
    return largestDifference(logits, rewritten);
  } finally {
    await decoder.dispose();
  }
}

/** What ONNX Runtime says against a stranger's graph is a refusal too. */
async function runOrRefuse<T>(what: Tried, work: () => Promise<T>): Promise<T> {
  try {
    return await tried(what, work);
  } catch (cause) {
    if (cause instanceof ModelRefused || !(cause instanceof Error)) throw cause;
    const said = cause.message.split("\n")[0].slice(0, 300);
    const message = `ONNX Runtime does not run the model on ${what.device} (${said}): download it again, or choose another export.`;
    throw new ModelRefused(message, { cause });
  }
}

function summary({ pattern, layers, queryHeads, kvHeads, headDim, dtype }: EvictableDecoder) {
  return { supported: true, pattern, layers: layers.length, queryHeads, kvHeads, headDim, dtype };
}

/** Prefill in two chunks, then single tokens; with a local window, a chunk that outruns it. */
function chunksFor({ layers, rotaryRows = Infinity }: EvictableDecoder): number[] {
  const chunks = [5, 3, 1, 1, 1, 1];
  const window = Math.max(...layers.map(({ localWindow }) => localWindow));
  const reaches = window > 0 && window <= Math.min(longestWindow, rotaryRows - 64);
  return reaches ? [...chunks, window, 1, 1] : chunks;
}

function randomIds(vocabulary: number): (count: number) => number[] {
  const random = new Random(0);
  return (count) => Array.from({ length: count }, () => Math.floor(random.next() * vocabulary));
}

/** Logits after each step, the first token at position `first`. */
async function decode(
  decoder: CachedDecoder,
  steps: number[][],
  first: number,
  onProgress: () => void,
) {
  await decoder.truncate(0);
  decoder.position = first;
  const logits: Float32Array[] = [];
  for (const step of steps) {
    logits.push((await decoder.feed([step])).slice());
    onProgress();
  }
  decoder.position -= first;
  return logits;
}

/** [N, V], or [1, V] where the export gives the last token's logits only. */
async function stockLogits(
  modelFile: string,
  { headDim }: EvictableDecoder,
  ids: number[],
  device: Device,
): Promise<Float32Array> {
  const source = await referenceGraph(modelFile, headDim, device);
  const what = { file: modelFile, graph: source.bytes, device };
  return runOrRefuse(what, () => runStock(source, ids, device));
}

async function runStock(source: GraphSource, ids: number[], device: Device): Promise<Float32Array> {
  const session = await Session.create(source, device);
  try {
    const row = (values: number[]) => int64s(values, [1, values.length]);
    const inputs = {
      input_ids: row(ids),
      attention_mask: row(ids.map(() => 1)),
      position_ids: row(ids.map((_, i) => i)),
    };
    const given = Object.entries(inputs).filter(([name]) => session.inputNames.includes(name));
    const { float_logits: logits } = await session.run(Object.fromEntries(given), ["float_logits"]);
    return floatsOf(logits);
  } finally {
    await session.dispose();
  }
}

/** Largest difference between the stock logits and those after each step. */
function compare(
  stock: Float32Array,
  rewritten: readonly Float32Array[],
  steps: readonly number[][],
  vocabulary: number,
): number {
  if (stock.length === vocabulary) return largestDifference([stock], rewritten.slice(-1));
  let end = 0;
  const matching = steps.map((step) => {
    end += step.length;
    return stock.subarray((end - 1) * vocabulary, end * vocabulary);
  });
  return largestDifference(matching, rewritten);
}

/** NaN on either side makes it NaN, which no tolerance accepts. */
function largestDifference(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  let largest = 0;
  for (const [step, values] of a.entries())
    for (const [i, value] of values.entries())
      largest = Math.max(largest, Math.abs(value - b[step][i]));
  return largest;
}
