/**
 * What the cache costs beside the attention itself: one decode step over 1024 retained slots and a
 * buffer that fills up to 128, on the CPU. Three ways, their steps taken in turn so that the
 * machine's moods meet all of them: this engine; a bare run of the same graph on the same tensors,
 * logits alone; and the export as it came, growing its cache by concatenation.
 */
import { CachedDecoder } from "../src/engine/decoder/cachedDecoder";
import { float32s, int64s, Session, type Tensors } from "../src/engine/runtime/runtime";
import { rewriteModel } from "../src/onnx/rewrite/rewriteModel";
import { defaultCacheSettings } from "../src/shared/settings/settings";
import { bareStep } from "./support/bareStep";
import { shape, withStockModel } from "./support/stockModel";
import { median, millisOf, printTable } from "./support/table";

const [retained, steps] = [1024, 128];

/** Feeds each step's present tensors to the next, from `retained` tokens on. */
async function concatenatingStep(modelFile: string): Promise<() => Promise<void>> {
  const session = await Session.create({ path: modelFile }, "cpu");
  let length = retained;
  let past: Tensors = {};
  for (const name of session.inputNames)
    if (name.startsWith("past_key_values")) {
      const values = new Float32Array(length * shape.kvHeads * shape.headDim).fill(0.1);
      past[name] = float32s(values, [1, shape.kvHeads, length, shape.headDim]);
    }
  return async () => {
    const mask = Array<number>(length + 1).fill(1);
    const outputs = await session.run(
      {
        ...past,
        input_ids: int64s([1], [1, 1]),
        attention_mask: int64s(mask, [1, mask.length]),
        position_ids: int64s([length], [1, 1]),
      },
      session.outputNames,
    );
    length += 1;
    past = Object.fromEntries(
      Object.entries(outputs)
        .filter(([name]) => name !== "logits")
        .map(([name, tensor]) => [name.replace("present", "past_key_values"), tensor]),
    );
  };
}

async function main(modelFile: string): Promise<void> {
  const {
    decoder: model,
    graph,
    weightsFolder,
  } = await rewriteModel({
    modelFile,
    layout: "blocks",
  });
  const session = await Session.create({ bytes: graph, weightsFolder }, "cpu");
  const decoder = new CachedDecoder(session, model);
  decoder.keepQueries(defaultCacheSettings.observationWindow);
  for (let done = 0; done < retained; done += 128) await decoder.feed([Array<number>(128).fill(1)]);
  await decoder.feed([[1]]);

  const ways = {
    "this engine": () => decoder.feed([[1]]),
    "bare run of the same graph": await bareStep(modelFile, retained, steps / 2),
    "growing by concatenation": await concatenatingStep(modelFile),
  };
  const millis = new Map(Object.keys(ways).map((way) => [way, [] as number[]]));
  for (let step = 1; step < steps; step++)
    for (const [way, run] of Object.entries(ways)) millis.get(way)?.push(await millisOf(run));
  const bare = median(millis.get("bare run of the same graph") ?? []);
  printTable(
    `One decode step, attention of ${shape.layers} layers × ${shape.kvHeads} KV heads × ${shape.headDim}, ${retained} + 128 slots`,
    [...millis].map(([way, times]) => ({
      way,
      "median ms": median(times).toFixed(1),
      "against bare": (median(times) / bare).toFixed(2),
    })),
  );
}

void withStockModel(main);
