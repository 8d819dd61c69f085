/**
 * What a compaction costs: from 1024 + 128 slots to 1024, per layer of 2 KV heads × 128, on the
 * CPU, and its share of decoding if one comes every 128 steps of a model of 1.54 billion int4
 * parameters, whose steps are taken in turn with the compactions. The stock model's keys repeat
 * nothing, which is R-KV's dearest case: each slot is compared with all others.
 */
import { CachedDecoder } from "../src/engine/decoder/cachedDecoder";
import { Session, type Tensors } from "../src/engine/runtime/runtime";
import { rewriteModel } from "../src/onnx/rewrite/rewriteModel";
import { defaultCacheSettings, policyNames } from "../src/shared/settings/settings";
import { bareStep } from "./support/bareStep";
import { shape, withStockModel, withWholeModel } from "./support/stockModel";
import { median, millisOf, printTable } from "./support/table";

const { buffer } = defaultCacheSettings;
const retained = 1024;
const compactions = 5;
const stepsBetween = 8;

async function compactingDecoder(modelFile: string): Promise<CachedDecoder> {
  const {
    decoder,
    graph: bytes,
    weightsFolder,
  } = await rewriteModel({ modelFile, layout: "blocks" });
  return new CachedDecoder(await Session.create({ bytes, weightsFolder }, "cpu"), decoder);
}

async function fill(decoder: CachedDecoder): Promise<void> {
  while (decoder.slots < retained + buffer) {
    const ids = Array.from({ length: buffer }, (_, i) => (decoder.position + i * 17) % 64);
    await decoder.feed([ids]);
  }
}

async function measure(decoder: CachedDecoder, step: () => Promise<Tensors>): Promise<void> {
  const stepMillis: number[] = [];
  const rows = new Map<string, number[]>();
  for (let round = -1; round < compactions; round++)
    for (const policy of policyNames) {
      if (policy === "full") continue;
      await fill(decoder);
      const settings = { ...defaultCacheSettings, policy };
      const request = { settings, cause: "buffer", promptLength: 0, seed: 1 } as const;
      const draw = { compaction: round + 1, chains: [0] };
      const { millis } = await decoder.compact({ ...request, ...draw });
      if (round >= 0) rows.set(policy, [...(rows.get(policy) ?? []), millis]);
      for (let i = 0; i < stepsBetween; i++) stepMillis.push(await millisOf(step));
    }
  const ofStep = median(stepMillis);
  printTable(
    `Compaction of ${shape.layers} layers from ${retained + buffer} slots to ${retained}; a step of the whole model takes ${ofStep.toFixed(1)} ms`,
    [...rows].map(([policy, all]) => {
      const millis = median(all);
      return {
        policy,
        "ms a compaction": millis.toFixed(0),
        "ms a layer": (millis / shape.layers).toFixed(1),
        "share of decoding": `${((100 * millis) / (millis + buffer * ofStep)).toFixed(1)} %`,
      };
    }),
  );
}

void withStockModel((attention) =>
  withWholeModel(async (whole) =>
    measure(await compactingDecoder(attention), await bareStep(whole, retained, buffer / 2)),
  ),
);
