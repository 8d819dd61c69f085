/**
 * What a compaction costs: R-KV from 1024 + 128 slots to 1024, per layer of 2 KV heads × 128, on
 * the CPU, and its share of decoding if one comes every 128 steps. The stock model's keys repeat
 * nothing, which is R-KV's dearest case: each slot is compared with all others.
 */
import { CachedDecoder } from "../src/engine/cache/cachedDecoder";
import { Session } from "../src/engine/devices/runtime";
import { rewriteModel } from "../src/onnx/rewriteModel";
import { defaultCacheSettings, policyNames, type PolicyName } from "../src/shared/settings";
import { shape, withStockModel } from "./support/stockModel";
import { median, printTable } from "./support/table";

const compactions = 3;
/** A 1.5-billion-parameter int4 model reads about 0.9 GB a token: at 15 GB/s, 60 ms. */
const statedStepMillis = 60;

async function millisOfCompaction(modelFile: string, policy: PolicyName): Promise<number> {
  const rewritten = await rewriteModel({ modelFile, layout: "blocks" });
  const { decoder: model, graph: bytes, weightsFolder } = rewritten;
  const decoder = new CachedDecoder(await Session.create({ bytes, weightsFolder }, "cpu"), model);
  const settings = { ...defaultCacheSettings, policy };
  const request = { settings, cause: "buffer", promptLength: 0, seed: 1 } as const;
  const millis: number[] = [];
  for (let read = 0; millis.length < compactions; read++) {
    await decoder.feed([Array.from({ length: 128 }, (_, i) => (read * 31 + i * 17) % 64)]);
    if (decoder.slots < 1152) continue;
    millis.push((await decoder.compact(request)).millis);
  }
  await decoder.dispose();
  return median(millis);
}

async function main(modelFile: string): Promise<void> {
  const rows = [];
  for (const policy of policyNames) {
    if (policy === "full") continue;
    const millis = await millisOfCompaction(modelFile, policy);
    const share = millis / (millis + defaultCacheSettings.buffer * statedStepMillis);
    rows.push({
      policy,
      "ms a compaction": millis.toFixed(0),
      "ms a layer": (millis / shape.layers).toFixed(1),
      [`share of decoding at ${statedStepMillis} ms a step`]: `${(100 * share).toFixed(1)} %`,
    });
  }
  printTable(`Compaction of ${shape.layers} layers from 1152 slots to 1024`, rows);
}

void withStockModel(main);
