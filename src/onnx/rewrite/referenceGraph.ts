/**
 * The stock graph, as a rewrite is compared with: its own attention, rotary and mask, from an empty
 * cache, logits of every token as float32. Changed only where it would not run so on every device:
 * ring-buffer caches become plain ones, and norms of query and key leave the attention node. And
 * int4 products take activations as the rewritten graph's do, so that no rounding is compared.
 */
import { cacheRole, declaredDims, elementTypeOf } from "../patterns/attentionSite";
import { GraphBuilder, dataTypeOf, tensor, type ElementType } from "../graph/graphBuilder";
import { GraphView, intAttribute } from "../graph/graphView";
import { readModelFile } from "../graph/modelFile";
import { refuse } from "../modelRefused";
import { preflight } from "./preflight";
import { normInputs, normed } from "../patterns/fusedNorms";
import type { GraphProto, NodeProto, ValueInfoProto } from "../proto/onnx_pb";
import { prune } from "../graph/prune";
import type { Device } from "../../shared/settings/settings";
import { keepActivationsWhole } from "./wholeActivations";
import { encode, resolved, understood, weightFilesOf } from "./rewriteModel";

/**
 * Bytes and the folder of their weights. Takes input_ids and, where the export has them,
 * attention_mask and position_ids, all [1, N] int64; gives logits [1, N, V].
 * Throws ModelRefused.
 */
export async function referenceGraph(modelFile: string, headDim: number, device: Device) {
  const files = await weightFilesOf(modelFile);
  const parsed = await readModelFile(modelFile);
  await preflight(parsed, files);
  const bytes = understood(modelFile, () => {
    const { graph } = parsed;
    const builder = new GraphBuilder(graph, "rkv/");
    if (device === "webgpu") keepActivationsWhole(new GraphView(graph));
    for (const node of [...graph.node])
      if (node.opType === "GroupQueryAttention") makeRunnable(builder, node);
    makeInputsConstant(graph, headDim);
    keepLogits(builder);
    prune(graph, new Set());
    return encode(parsed);
  });
  return { bytes: await resolved(bytes, files), weightsFolder: files.folder };
}

function makeRunnable(g: GraphBuilder, node: NodeProto): void {
  node.attribute = node.attribute.filter(({ name }) => name !== "sliding_window_cache");
  const [query, key] = [node.input[normInputs.query], node.input[normInputs.key]];
  node.input[0] = normed(g, node, node.input[0], query, intAttribute(node, "num_heads", 0));
  node.input[1] = normed(g, node, node.input[1], key, intAttribute(node, "kv_num_heads", 0));
  node.input.length = Math.min(node.input.length, normInputs.query);
}

/** The empty cache, and 0 for “logits of all tokens”, become part of the graph. */
function makeInputsConstant(graph: GraphProto, headDim: number): void {
  graph.input = graph.input.filter((input) => {
    const value = constantFor(input, headDim);
    if (value) graph.initializer.push(value);
    return value === undefined;
  });
}

function constantFor(input: ValueInfoProto, headDim: number) {
  const dims = declaredDims(input);
  if (input.name === "num_logits_to_keep")
    return tensor(
      BigInt64Array.of(0n),
      dims.map(() => 1),
      "int64",
      input.name,
    );
  if (!cacheRole(input.name)) return undefined;
  const half = elementTypeOf(input) === dataTypeOf("float16");
  const type: ElementType = half ? "float16" : "float32";
  const empty = half ? new Uint16Array() : new Float32Array();
  return tensor(empty, [1, dims[1] ?? 0, 0, dims[3] ?? headDim], type, input.name);
}

function keepLogits(g: GraphBuilder): void {
  const { graph } = g;
  const stock = graph.output.find(({ name }) => name === "logits");
  if (!stock) return refuse("The graph has no output “logits”", "export it for text generation");
  graph.output = [];
  graph.valueInfo = [];
  g.output(g.cast("logits", "float32"), "float_logits", "float32", [
    "batch",
    "tokens",
    "vocabulary",
  ]);
}
