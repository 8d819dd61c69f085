/** Runs a rewritten graph on tensors that never change: a step over a cache of random rows. */
import { BlocksCache } from "../../src/engine/cache/blocksCache";
import { float32s, int64s, Session, type Tensors } from "../../src/engine/runtime/runtime";
import { rewriteModel } from "../../src/onnx/rewrite/rewriteModel";
import { shape } from "./stockModel";

/** A step over `retained` and `buffered` slots, whose outputs are the logits alone. */
export async function bareStep(
  modelFile: string,
  retained: number,
  buffered: number,
): Promise<() => Promise<Tensors>> {
  const {
    graph: bytes,
    weightsFolder,
    decoder,
  } = await rewriteModel({ modelFile, layout: "blocks" });
  const session = await Session.create({ bytes, weightsFolder }, "cpu");
  const { layers, kvHeads, headDim } = decoder;
  const cache = new BlocksCache({ layers, kvHeads, headDim, cacheType: "float32" });
  for (const tokens of [retained, buffered]) {
    await cache.feeds(0, tokens);
    cache.append(randomRows(tokens), 0, tokens);
  }
  const feeds = {
    ...(await cache.feeds(0, 1)),
    input_ids: int64s([1], [1, 1]),
    position_ids: int64s([retained + buffered], [1, 1]),
  };
  return () => session.run(feeds, ["logits"]);
}

function randomRows(tokens: number): Tensors {
  const { layers, kvHeads, headDim } = shape;
  const size = tokens * kvHeads * headDim;
  const rows: Tensors = {};
  for (let layer = 0; layer < layers; layer++)
    for (const kind of ["key", "value"])
      rows[`new.${layer}.${kind}`] = float32s(
        Float32Array.from({ length: size }, () => Math.random() - 0.5),
        [tokens, 1, kvHeads, headDim],
      );
  return rows;
}
