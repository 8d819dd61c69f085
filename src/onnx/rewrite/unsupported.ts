/** P18 of docs/models.md: what is refused before any pattern is looked for, by node. */
import { nodeLabel } from "../graph/graphView";
import { refuse } from "../modelRefused";
import type { GraphProto, ModelProto, NodeProto } from "../proto/onnx_pb";
import { allNodes } from "../graph/walk";

const genai = "export the model again with a current onnxruntime-genai, as fp32, fp16 or int4";

/** Operators whose attention or state cannot lose single tokens, and what to do about each. */
const unsupportedOps: Record<string, { because: string; remedy: string }> = {
  PagedAttention: {
    because: "keeps its cache in pages of its own",
    remedy: "export the model without use_paged_attention",
  },
  SparseAttention: {
    because: "attends by blocks of the cache, which move as tokens are evicted",
    remedy: "choose a model without block-sparse attention",
  },
  LinearAttention: {
    because: "keeps a running state in place of tokens",
    remedy: "choose a model whose every layer has softmax attention",
  },
  CausalConvWithState: {
    because: "keeps a running state in place of tokens",
    remedy: "choose a model whose every layer has softmax attention",
  },
};

const domains = new Set(["", "ai.onnx", "ai.onnx.ml", "com.microsoft"]);

/** Throws ModelRefused at the first thing that no pattern could save. */
export function refuseUnsupported(model: ModelProto, graph: GraphProto): void {
  if (model.functions.length > 0)
    refuse(
      `The model defines the function “${model.functions[0].name}” of its own`,
      "inline its functions with onnx.inliner",
    );
  for (const node of allNodes(graph)) refuseOperator(node);
  for (const node of allNodes(graph)) refuseEmptyRotary(node);
  refuseUnmadeOutputs(graph);
}

function refuseOperator(node: NodeProto): void {
  if (!domains.has(node.domain))
    refuse(
      `${nodeLabel(node)} is an operator of “${node.domain}”, which is not part of onnxruntime`,
      "export the model with standard operators",
    );
  const entry = unsupportedOps[node.opType];
  if (entry && node.domain !== "") refuse(`${nodeLabel(node)} ${entry.because}`, entry.remedy);
  if (node.opType === "Attention" && node.domain === "com.microsoft")
    refuse(
      `${nodeLabel(node)} attends without a cache: the export promises present keys that no node produces`,
      genai,
    );
  if (node.opType === "If" && node.name.startsWith("optimum::"))
    refuse(
      `${nodeLabel(node)} merges two decoders into one, as exports of 2023 did`,
      "export the model again with a current optimum",
    );
}

function refuseEmptyRotary(node: NodeProto): void {
  if (node.opType === "RotaryEmbedding" && (node.input.length < 3 || node.input.includes("")))
    refuse(
      `${nodeLabel(node)} has an empty input, a fault of the exporter in layers without rotary`,
      genai,
    );
}

function refuseUnmadeOutputs(graph: GraphProto): void {
  const made = new Set(graph.node.flatMap(({ output }) => output));
  for (const { name } of [...graph.input, ...graph.initializer]) made.add(name);
  for (const { name } of graph.output)
    if (!made.has(name)) refuse(`The output “${name}” is promised, and no node produces it`, genai);
}
