/** Norm and rotary of the window's queries, for a graph that gives them without (slotRotary). */
import type { EvictableDecoder } from "../../onnx/evictableDecoder";
import type { GraphBuilder } from "../../onnx/graph/graphBuilder";
import { toType } from "../../onnx/layouts/rows";
import { int64s, type Tensors } from "../runtime/runtime";
import type { SlotAngles } from "./rotaryAngles";

type Model = Pick<EvictableDecoder, "queryHeads" | "headDim" | "cacheType" | "slotRotary">;

/** What `turned` reads, for tokens from position `first` on. */
export async function turnFeeds(
  { slotRotary }: Model,
  slotAngles: SlotAngles,
  first: number,
  tokens: number,
): Promise<Tensors> {
  const { angles, row } = await slotAngles.with(first, tokens);
  const feeds: Tensors = { ...angles, row: int64s([row], [1]) };
  if (slotRotary?.normEpsilon !== undefined) feeds.query_norm = await slotAngles.queryNorm();
  return feeds;
}

/**
 * [layers · rows, tokens, query heads · headDim] as scores want them, from the graph's rows
 * [layers, rows, tokens, rowWidth]. layers: the value that numbers them.
 */
export function turned(
  g: GraphBuilder,
  rows: string,
  layers: string,
  model: Model,
  tokens: number,
): string {
  const { queryHeads, headDim, cacheType } = model;
  const width = queryHeads * headDim;
  const queries = g.node("Slice", [rows, g.ints(0), g.ints(width), g.ints(-1)]);
  const normed = normedHeads(g, queries, layers, model);
  const angles = ["slot_cos", "slot_sin"].map((name) =>
    toType(g, g.input(name, cacheType, ["slots", headDim / 2]), cacheType, "float32"),
  );
  const together = g.node("Reshape", [normed, g.ints(-1, tokens, width)]);
  const inputs = [together, g.input("row", "int64", [1]), ...angles];
  return g.node("RotaryEmbedding", inputs, {}, { domain: "com.microsoft" });
}

/** The weights are a layer's own, and so come after a norm without any. */
function normedHeads(g: GraphBuilder, queries: string, layers: string, model: Model): string {
  const { queryHeads, headDim, cacheType, slotRotary } = model;
  if (slotRotary?.normEpsilon === undefined) return queries;
  const heads = g.node("Reshape", [queries, g.ints(0, 0, 0, queryHeads, headDim)]);
  const ones = g.constant(new Float32Array(headDim).fill(1));
  const attributes = { axis: -1, epsilon: { float: slotRotary.normEpsilon }, stash_type: 1 };
  const unweighted = g.node("SimplifiedLayerNormalization", [heads, ones], attributes);
  const all = toType(g, g.input("query_norm", cacheType, ["all", headDim]), cacheType, "float32");
  const weights = g.node("Reshape", [
    g.node("Gather", [all, layers]),
    g.ints(-1, 1, 1, 1, headDim),
  ]);
  return g.node("Mul", [unweighted, weights]);
}
