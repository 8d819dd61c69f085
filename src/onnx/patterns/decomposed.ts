/**
 * Exports of optimum and transformers.js: attention written out in plain nodes (P11), as one
 * ai.onnx Attention (P12), or as MultiHeadAttention after repeated heads (P15). What they share is
 * where the cache grows: present.{i} = Concat(past.{i}, new rows). From there the keys are followed
 * to the node that multiplies them with the queries.
 */
import {
  cacheRole,
  declaredDims,
  elementTypeOf,
  floatTypeOf,
  widthByConsumer,
  type AttentionSite,
  type Export,
  type FoundSites,
} from "./attentionSite";
import {
  beforeSwap,
  floatAttribute,
  intAttribute,
  nodeLabel,
  type GraphView,
} from "../graph/graphView";
import { localWindowOf } from "./localWindow";
import { refuse } from "../modelRefused";
import type { NodeProto } from "../proto/onnx_pb";
import { followScores, scaledSource, type Scores } from "./scorePath";

/** One growing cache: the input it starts from and the rows that a step adds. */
interface Growth {
  past: string;
  rows: string;
  whole: string;
  concat: NodeProto;
  type: AttentionSite["type"];
}

/** Undefined where no output grows out of an input. Throws ModelRefused where one does otherwise than known. */
export function findDecomposed(from: Export): FoundSites | undefined {
  const layers = growths(from.view);
  if (layers.size === 0) return undefined;
  const found = [...layers].map(([layer, growth]) => siteOf(from, layer, growth));
  return { pattern: found[0].pattern, sites: found.map(({ site }) => site) };
}

function growths(view: GraphView) {
  const layers = new Map<number, Partial<Record<"key" | "value", Growth>>>();
  for (const { name } of view.graph.output) {
    const concat = view.producer(view.source(name, "Cast", "Identity"));
    if (concat?.opType !== "Concat" || concat.input.length !== 2) continue;
    const input = view.input(view.source(concat.input[0], "Cast", "Identity"));
    const place = input && cacheRole(input.name);
    if (!place) continue;
    const cast = view.producer(concat.input[0]);
    const elementType = cast ? intAttribute(cast, "to", 0) : elementTypeOf(input);
    const layer = layers.get(place.layer) ?? {};
    layer[place.role] = {
      past: input.name,
      rows: concat.input[1],
      whole: concat.output[0],
      concat,
      type: floatTypeOf(elementType, concat),
    };
    layers.set(place.layer, layer);
  }
  return layers;
}

function siteOf(from: Export, layer: number, { key, value }: Partial<Record<string, Growth>>) {
  if (!key || !value)
    return refuse(`Layer ${layer} caches keys without values`, "export the model again");
  const { view } = from;
  const reader = readerOf(view, key.whole, key.concat);
  const { pattern, ...parts } = partsOf(from, reader, key);
  const kvHeads = declaredDims(view.input(key.past))[1];
  const headDim = declaredDims(view.input(key.past))[3];
  const width = widthByConsumer(view, parts.context.value);
  const queryHeads = (width ?? NaN) / (headDim ?? NaN);
  if (!kvHeads || !headDim || !Number.isInteger(queryHeads) || queryHeads % kvHeads !== 0)
    return refuse(
      `${nodeLabel(reader)} does not tell how its heads are laid out (${queryHeads} query heads, ${kvHeads} KV heads, head size ${headDim})`,
      "export the model with optimum or onnxruntime-genai",
    );
  const byHead = (rows: string) => ({ value: rows, layout: "by-head" as const });
  const site: AttentionSite = {
    layer,
    ...parts,
    key: byHead(key.rows),
    value: byHead(value.rows),
    type: key.type,
    queryHeads,
    kvHeads,
    headDim,
    scale: parts.scale ?? headDim ** -0.5,
    rotary: { plain: true },
  };
  return { pattern, site };
}

const repeating = new Set([
  "Cast",
  "Identity",
  "Unsqueeze",
  "Expand",
  "Reshape",
  "Transpose",
  "Mul",
]);
const scoring = new Set(["MatMul", "FusedMatMul", "Attention", "MultiHeadAttention"]);

/** The node where the cached keys, repeated for each query head, meet the queries. */
function readerOf(view: GraphView, whole: string, concat: NodeProto): NodeProto {
  const waiting = [whole];
  for (let steps = 0; steps < 64 && waiting.length > 0; steps++) {
    for (const node of view.consumers(waiting.shift() ?? "")) {
      if (scoring.has(node.opType)) return node;
      if (repeating.has(node.opType)) waiting.push(node.output[0]);
    }
  }
  return refuse(
    `${nodeLabel(concat)} grows a cache whose attention was not found`,
    "export the model with optimum or onnxruntime-genai",
  );
}

type Parts = Pick<
  AttentionSite,
  "node" | "query" | "context" | "softcap" | "localWindow" | "sinks"
> & {
  scale?: number;
  pattern: string;
};

function partsOf(from: Export, reader: NodeProto, key: Growth): Parts {
  switch (reader.opType) {
    case "Attention":
      return standardAttention(from, reader);
    case "MultiHeadAttention":
      return multiHeadAttention(from, reader);
    default:
      return plainNodes(from, reader, key);
  }
}

function standardAttention({ view }: Export, node: NodeProto): Parts {
  const layout = intAttribute(node, "q_num_heads", 0) ? "packed" : "by-head";
  return {
    pattern: "P12 standard Attention node",
    query: { value: node.input[0], layout },
    ...(layout === "by-head"
      ? contextOf(view, node)
      : { node, context: { value: node.output[0], layout } }),
    scale: floatAttribute(node, "scale", 0) || undefined,
    softcap: floatAttribute(node, "softcap", 0),
    localWindow: localWindowOf(view, node.input[3]),
  };
}

function multiHeadAttention({ view }: Export, node: NodeProto): Parts {
  if (node.input[3])
    refuse(
      `${nodeLabel(node)} adds the biases of query, key and value inside the attention`,
      "export the model with a current onnxruntime-genai",
    );
  return {
    pattern: "P15 MultiHeadAttention with repeated heads",
    node,
    query: { value: node.input[0], layout: "packed" },
    context: { value: node.output[0], layout: "packed" },
    scale: floatAttribute(node, "scale", 0) || undefined,
    softcap: 0,
    localWindow: localWindowOf(view, node.input[5]),
  };
}

function plainNodes({ view, builder: g }: Export, product: NodeProto, key: Growth): Parts {
  const query = scaledSource(view, product.input[0]);
  const keys = scaledSource(view, product.input[1], key.whole);
  const scores: Scores = followScores(view, product);
  return {
    pattern: "P11 attention in plain nodes",
    ...contextOf(view, scores.valueProduct),
    query: { value: query.value, layout: "by-head" },
    scale: query.factor * keys.factor * scores.factor * floatAttribute(product, "alpha", 1),
    softcap: scores.softcap,
    localWindow: localWindowOf(view, scores.mask),
    ...(scores.sinks && { sinks: g.node("Reshape", [scores.sinks, g.ints(-1)]) }),
  };
}

/** What the node that makes the context makes; packed, where the export does nothing but pack it then. */
function contextOf(view: GraphView, product: NodeProto): Pick<AttentionSite, "node" | "context"> {
  const [swap] = view.consumers(product.output[0]);
  const [pack, ...others] = beforeSwap(swap) ? view.consumers(swap.output[0]) : [];
  const dims = pack?.opType === "Reshape" ? view.producer(pack.input[1]) : undefined;
  if (others.length === 0 && dims?.opType === "Concat" && dims.input.length === 3)
    return { node: pack, context: { value: pack.output[0], layout: "packed" } };
  return { node: product, context: { value: product.output[0], layout: "by-head" } };
}
