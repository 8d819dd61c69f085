/** What the patterns turn an export into, and the layouts build from: one site per layer. */
import type { GraphBuilder } from "../graph/graphBuilder";
import type { FloatType, LayerAttention } from "../evictableDecoder";
import { dataTypeOf } from "../graph/graphBuilder";
import { intAttribute, nodeLabel, type GraphView } from "../graph/graphView";
import { refuse } from "../modelRefused";
import type { NodeProto, ValueInfoProto } from "../proto/onnx_pb";

/** A value with one row per token: [B, S, heads·D] where packed, [B, heads, S, D] where by head. */
export interface Rows {
  value: string;
  layout: "packed" | "by-head";
}

/** One layer's attention: the node that goes, and the values around it that stay. */
export interface AttentionSite extends LayerAttention {
  layer: number;
  /** Made the context; the layouts' nodes take its place. */
  node: NodeProto;
  /** Rotary applied to query and key. */
  query: Rows;
  key: Rows;
  value: Rows;
  context: Rows;
  /** One logit per query head that takes its share of the softmax and gives nothing. */
  sinks?: string;
  type: FloatType;
  queryHeads: number;
  kvHeads: number;
  headDim: number;
  /** Rows of the rotary table and whether positions rotate evenly, as far as the site shows it. */
  rotary: { rows?: number; plain: boolean };
}

/** What a pattern works with: the export as it is, and where new nodes go. */
export interface Export {
  view: GraphView;
  builder: GraphBuilder;
  /** The value that holds absolute positions, [B, S]. */
  positions: string;
}

/** All layers of an export, recognised by one pattern, in any order. */
export interface FoundSites {
  pattern: string;
  sites: AttentionSite[];
}

const cacheName = /(\d+)\D*?(key|value)|(key|value)\D*?(\d+)/i;

/** Layer and role that a cache input's name tells, as in past_key_values.7.key or past_key_7. */
export function cacheRole(name: string): { layer: number; role: "key" | "value" } | undefined {
  const stem = name.replace(/past_key_values|key_values/i, "");
  const match = cacheName.exec(stem);
  if (!match) return undefined;
  const role = (match[2] ?? match[3]).toLowerCase();
  return { layer: Number(match[1] ?? match[4]), role: role === "key" ? "key" : "value" };
}

/** Sizes an input declares; a symbol counts as undefined. */
export function declaredDims(input: ValueInfoProto | undefined): (number | undefined)[] {
  const type = input?.type?.value;
  if (type?.case !== "tensorType") return [];
  return (type.value.shape?.dim ?? []).map(({ value }) =>
    value.case === "dimValue" ? Number(value.value) : undefined,
  );
}

/** The float type that a number of the format stands for. Refuses what the cache cannot hold. */
export function floatTypeOf(elementType: number | undefined, node: NodeProto): FloatType {
  for (const type of ["float32", "float16"] as const)
    if (elementType === dataTypeOf(type)) return type;
  return refuse(
    `${nodeLabel(node)} keeps keys and values in a type other than float32 and float16`,
    "export the model without a quantized cache, as fp32, fp16 or int4",
  );
}

/** The number of the type that an input declares; undefined for what is no tensor. */
export function elementTypeOf(input: ValueInfoProto | undefined): number | undefined {
  const type = input?.type?.value;
  return type?.case === "tensorType" ? type.value.elemType : undefined;
}

/** Width of the rows of a value, told by the weight that they are multiplied with. */
export function widthByConsumer(view: GraphView, value: string, hops = 8): number | undefined {
  for (const node of view.consumers(value)) {
    const width = hops > 0 ? widthTakenBy(view, node, value, hops) : undefined;
    if (width !== undefined) return width;
  }
  return undefined;
}

const rowPreserving = new Set([
  "Cast",
  "Identity",
  "Reshape",
  "Transpose",
  "DynamicQuantizeLinear",
]);

function widthTakenBy(view: GraphView, node: NodeProto, value: string, hops: number) {
  if (rowPreserving.has(node.opType)) return widthByConsumer(view, node.output[0], hops - 1);
  if (node.input[0] !== value) return undefined;
  if (node.opType === "MatMulNBits" || node.opType === "MatMulBnb4")
    return intAttribute(node, "K", 0) || undefined;
  if (node.opType === "Gemm")
    return view.weightDims(node.input[1])?.at(intAttribute(node, "transB", 0) ? 1 : 0);
  return /^MatMul|^FusedMatMul$/.test(node.opType)
    ? view.weightDims(node.input[1])?.[0]
    : undefined;
}
