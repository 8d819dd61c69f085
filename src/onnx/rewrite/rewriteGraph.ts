/**
 * Turns an export into the evictable decoder: patterns find the attention of each layer, a layout
 * writes it anew, and what nothing needs any more goes.
 */
import { create } from "@bufbuild/protobuf";
import {
  cacheRole,
  declaredDims,
  elementTypeOf,
  type AttentionSite,
  type Export,
} from "../patterns/attentionSite";
import { dtypeOf } from "../graph/dtype";
import type { CacheLayout, EvictableDecoder } from "../evictableDecoder";
import { GraphBuilder, dataTypeOf, tensor, valueInfo } from "../graph/graphBuilder";
import { GraphView } from "../graph/graphView";
import { anglesGraph } from "./anglesGraph";
import { joinBiases } from "./joinedBiases";
import { joinNorms } from "./joinedNorms";
import { joinRotary } from "./joinedRotary";
import { emitLastLogits } from "./lastLogits";
import { emitBlocks } from "../layouts/blocks";
import { emitInPlace } from "../layouts/inPlace";
import type { SlotRotary } from "../layouts/slotRotary";
import type { ParsedModel } from "../graph/modelFile";
import { refuse } from "../modelRefused";
import { findAttention } from "../patterns";
import { ensurePositions, readBatchSizeFromIds } from "./positions";
import { OperatorSetIdProtoSchema, type GraphProto, type ModelProto } from "../proto/onnx_pb";
import { prune } from "../graph/prune";
import { roundActivations } from "./activations";
import { refuseUnsupported } from "./unsupported";
import { keepActivationsWhole } from "./wholeActivations";

/** What else a rewrite makes. */
export interface RewrittenGraph {
  decoder: EvictableDecoder;
  /** See RewrittenModel. */
  angles?: GraphProto;
}

/**
 * Rewrites `parsed.graph` where it stands. Throws ModelRefused where the export is not understood.
 * fullActivations: see RewriteRequest.
 */
export function rewriteGraph(
  { model, graph }: ParsedModel,
  layout: CacheLayout,
  fullActivations: boolean,
): RewrittenGraph {
  refuseUnsupported(model, graph);
  bypassSingleConcats(graph);
  const weights = dtypeOf(graph);
  const isRounded = layout === "blocks" && !fullActivations && roundActivations(graph);
  const dtype = isRounded ? `${weights}, 8-bit activations` : weights;
  if (layout === "in-place") joinOperators(graph);
  const view = new GraphView(graph);
  const builder = new GraphBuilder(graph, "rkv/");
  const from: Export = { view, builder, positions: ensurePositions(builder, view) };
  readBatchSizeFromIds(builder, view);
  const found = findAttention(from);
  if (!found)
    return refuse(
      "The graph has no output that a key and value cache grows into (present.0.key, …)",
      "export the model for text generation with past (--task text-generation-with-past)",
    );
  const sites = inOrder(found.sites);
  const removed = replaceInputs(graph, view);
  const logits = takeOutputs(graph);
  graph.node = graph.node.filter((node) => !sites.some((site) => site.node === node));
  const vocabulary = emitLastLogits(builder, view, logits);
  const rotary = emit(builder, sites, layout, from.positions);
  const angles = rotary && anglesGraph(graph, rotary, sites[0]);
  prune(graph, removed);
  ensureContribDomain(model);
  const { pattern } = found;
  const decoder = { layout, pattern, dtype, vocabulary, ...describe(sites, layout, rotary) };
  return { decoder, ...(angles && { angles }) };
}

/** Fewer and cheaper programs for a GPU to start. */
function joinOperators(graph: GraphProto): void {
  const view = new GraphView(graph);
  keepActivationsWhole(view);
  joinBiases(view);
  const builder = new GraphBuilder(graph, "rkv/joined/");
  joinNorms(builder, view);
  const cache = graph.input.find(({ name }) => cacheRole(name));
  const headDim = declaredDims(cache)[3];
  if (headDim) joinRotary(builder, new GraphView(graph), headDim);
}

/** Lets readers of a Concat of one value read that value: exports by transformers 5 put one around past keys. */
function bypassSingleConcats(graph: GraphProto): void {
  const outputs = new Set(graph.output.map(({ name }) => name));
  const same = new Map<string, string>();
  graph.node = graph.node.filter(({ opType, input, output: [result] }) => {
    const isBypassed = opType === "Concat" && input.length === 1 && !outputs.has(result);
    if (isBypassed) same.set(result, same.get(input[0]) ?? input[0]);
    return !isBypassed;
  });
  for (const node of graph.node) node.input = node.input.map((name) => same.get(name) ?? name);
}

/** The layouts' own operators live there; plain exports do not import it. */
function ensureContribDomain(model: ModelProto): void {
  const domain = "com.microsoft";
  if (!model.opsetImport.some((entry) => entry.domain === domain))
    model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain, version: 1n }));
}

function emit(
  g: GraphBuilder,
  sites: AttentionSite[],
  layout: CacheLayout,
  positions: string,
): SlotRotary | undefined {
  switch (layout) {
    case "blocks":
      emitBlocks(g, sites);
      return undefined;
    case "in-place":
      return emitInPlace(g, sites, positions);
    default:
      layout satisfies never;
  }
}

/** Layers 0 to n − 1, each once and all of one shape, which the cache is laid out by. */
function inOrder(sites: readonly AttentionSite[]): AttentionSite[] {
  const sorted = sites.toSorted((a, b) => a.layer - b.layer);
  const [first] = sorted;
  sorted.forEach((site, i) => {
    const odd = (["queryHeads", "kvHeads", "headDim", "type"] as const).find(
      (key) => site[key] !== first[key],
    );
    if (site.layer !== i || odd)
      refuse(
        `Layer ${site.layer} of the model is unlike the others (${odd ?? "its number"}), and all must keep the same kind of cache`,
        "choose a model whose layers are alike",
      );
  });
  return sorted;
}

/** Leaves input_ids and position_ids; returns the names that went. */
function replaceInputs(graph: GraphProto, view: GraphView): Set<string> {
  const ids = view.input("input_ids");
  if (!ids || elementTypeOf(ids) !== dataTypeOf("int64"))
    refuse("The graph has no input “input_ids” of int64", "export the model for text generation");
  const kept = ["input_ids", "position_ids"];
  const removed = new Set(graph.input.map(({ name }) => name).filter((n) => !kept.includes(n)));
  const logitsToKeep = view.input("num_logits_to_keep");
  if (logitsToKeep) {
    const dims = declaredDims(logitsToKeep).map((size) => size ?? 1);
    graph.initializer.push(tensor(BigInt64Array.of(1n), dims, "int64", "num_logits_to_keep"));
    removed.delete("num_logits_to_keep");
  }
  graph.input = kept.map((name) => valueInfo(name, "int64", ["batch", "sequence"]));
  graph.valueInfo = [];
  return removed;
}

/** Clears the outputs and returns what “logits” was declared as. */
function takeOutputs(graph: GraphProto) {
  const logits = graph.output.find(({ name }) => name === "logits");
  if (!logits)
    return refuse("The graph has no output “logits”", "export the model for text generation");
  graph.output = [];
  return logits;
}

function describe(sites: AttentionSite[], layout: CacheLayout, slotRotary?: SlotRotary) {
  const [{ queryHeads, kvHeads, headDim, type }] = sites;
  const rows = sites.flatMap(({ rotary }) => rotary.rows ?? []);
  return {
    cacheType: layout === "blocks" ? ("float32" as const) : type,
    layers: sites.map(({ scale, softcap, localWindow }) => ({ scale, softcap, localWindow })),
    queryHeads,
    kvHeads,
    headDim,
    plainRotary: sites.every(({ rotary }) => rotary.plain),
    ...(slotRotary && { slotRotary: describeRotary(slotRotary) }),
    ...(rows.length > 0 && { rotaryRows: Math.min(...rows) }),
  };
}

function describeRotary({ rowWidth, norms }: SlotRotary) {
  return { rowWidth, ...(norms && { normEpsilon: norms[0].epsilon }) };
}
