/**
 * The work of one model on a GPU, done in a process of its own so that it can be counted: a step of
 * the stock graph and of the rewritten one, and compactions.
 */
import type { CachedDecoder } from "../../src/engine/decoder/cachedDecoder";
import { decoderOf } from "../../src/engine/decoder/openDecoder";
import { refuseSoftcap } from "../../src/engine/decoder/webgpuDriver";
import { int64s, Session } from "../../src/engine/runtime/runtime";
import { referenceGraph } from "../../src/onnx/rewrite/referenceGraph";
import { rewriteModel } from "../../src/onnx/rewrite/rewriteModel";
import { reasonOf } from "../../src/shared/reasonOf";
import { defaultCacheSettings } from "../../src/shared/settings/settings";
import { counted, countsIn, logGpuWork, type GpuCounts } from "./gpuLog";
import { outputUnderSwiftshader } from "./swiftshader";

/** By the name of the work: “stock step”, “step” and “compaction”, which is R-KV's. */
export interface CountedWork {
  layers: number;
  work: Map<string, GpuCounts>;
}

const { observationWindow: window } = defaultCacheSettings;
const budget = { kind: "count", slots: window + 4 } as const;

/** Lets `script`, bundled, call `countWork` under SwiftShader, and reads what it wrote. */
export async function workOf(
  script: string,
  modelFile: string,
): Promise<CountedWork | { refused: string }> {
  const { stdout, log } = await outputUnderSwiftshader(script, modelFile);
  const [layers, refused] = stdout.trim().split("\n");
  if (!Number(layers)) return { refused: refused ?? log.slice(-300) };
  return { layers: Number(layers), work: countsIn(log) };
}

/** Prints the number of layers; 0, and in a second line why, where nothing can be counted. */
export async function countWork(modelFile: string): Promise<void> {
  logGpuWork();
  try {
    const model = await rewriteModel({ modelFile, layout: "in-place" });
    refuseSoftcap(model.decoder);
    const decoder = await decoderOf(model, "webgpu");
    await countStock(modelFile, decoder.model.headDim);
    await countDecoder(decoder);
    await decoder.dispose();
    console.log(decoder.model.layers.length);
  } catch (error) {
    console.log(`0\n${reasonOf(error).split("\n")[0]}`);
  }
}

/** From an empty cache, as the reference of a check has it: that is the least a stock step does. */
async function countStock(modelFile: string, headDim: number): Promise<void> {
  const session = await Session.create(
    await referenceGraph(modelFile, headDim, "webgpu"),
    "webgpu",
  );
  const inputs = {
    input_ids: int64s([1], [1, 1]),
    attention_mask: int64s([1], [1, 1]),
    position_ids: int64s([0], [1, 1]),
  };
  const given = Object.entries(inputs).filter(([name]) => session.inputNames.includes(name));
  const step = () => session.run(Object.fromEntries(given), ["float_logits"]);
  await step();
  await counted("stock step", step);
  await session.dispose();
}

/** Each work is done once before, so that nothing is counted which is done only once. */
async function countDecoder(decoder: CachedDecoder): Promise<void> {
  decoder.keepQueries(window);
  await decodeSteps(decoder, 2 * window);
  await counted("step", () => decoder.feed([[1]]));
  await compact(decoder);
  await decodeSteps(decoder, window);
  await counted("compaction", () => compact(decoder));
}

/** One token a step, for each number of tokens has programs of its own, slow to make in software. */
async function decodeSteps(decoder: CachedDecoder, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) await decoder.feed([[step % 7]]);
}

function compact(decoder: CachedDecoder) {
  return decoder.compact({
    settings: { ...defaultCacheSettings, policy: "rkv", budget },
    cause: "buffer",
    promptLength: 0,
    seed: 1,
    compaction: 0,
    chains: [0],
  });
}
