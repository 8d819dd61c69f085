/** Follows attention written out in plain nodes: factors before the softmax, its mask, the value product. */
import { nodeLabel, type GraphView } from "../graph/graphView";
import { refuse } from "../modelRefused";
import type { NodeProto } from "../proto/onnx_pb";

/** What happens between q·k and the context. */
export interface Scores {
  factor: number;
  softcap: number;
  mask?: string;
  /** One logit per query head that joins the softmax; a weight. */
  sinks?: string;
  /** Multiplies the probabilities with the values; makes the context. */
  valueProduct: NodeProto;
}

const shapeOnly = new Set(["Cast", "Identity", "Unsqueeze", "Expand", "Reshape", "Transpose"]);

/**
 * Walks up from a factor of the product over multiplications by a number. With `whole` given, over
 * changes of shape too, until that value.
 */
export function scaledSource(view: GraphView, start: string, whole?: string) {
  let factor = 1;
  let value = start;
  for (let hops = 0; hops < 16 && value !== whole; hops++) {
    const node = view.producer(value);
    const scaling = node && constantFactor(view, node);
    if (scaling) factor *= scaling.factor;
    else if (!whole || !node || !shapeOnly.has(node.opType)) break;
    value = scaling?.rest ?? node.input[0];
  }
  return { factor, value };
}

/** The number that a Mul or Div applies, and what it applies it to. */
function constantFactor(view: GraphView, node: NodeProto) {
  if (node.opType !== "Mul" && node.opType !== "Div") return undefined;
  const [a, b] = node.input;
  const right = view.scalar(b);
  if (right !== undefined) return { rest: a, factor: node.opType === "Mul" ? right : 1 / right };
  const left = view.scalar(a);
  return node.opType === "Mul" && left !== undefined ? { rest: b, factor: left } : undefined;
}

/** From the score product to the value product. */
export function followScores(view: GraphView, product: NodeProto): Scores {
  const scores: Omit<Scores, "valueProduct"> = { factor: 1, softcap: 0 };
  let value = product.output[0];
  let last = 1;
  for (let hops = 0; hops < 24; hops++) {
    const node = view.consumers(value).find(({ opType }) => onThePath.has(opType));
    if (!node) break;
    if (node.opType.endsWith("MatMul")) return { ...scores, valueProduct: node };
    const scaling = constantFactor(view, node);
    if (scaling && scores.softcap === 0) scores.factor *= last = scaling.factor;
    if (node.opType === "Tanh") {
      scores.softcap = 1 / last;
      scores.factor /= last;
    }
    if (node.opType === "Add") scores.mask = node.input.find((name) => name !== value);
    if (node.opType === "Where" && node.input[1] === value) scores.mask = node.input[0];
    if (node.opType === "Concat") scores.sinks = sinksBeside(view, node, value);
    if (sinkOps.has(node.opType) && scores.sinks === undefined) break;
    value = node.output[0];
  }
  return refuse(
    `${nodeLabel(product)} makes attention scores whose way to the values is not understood`,
    "export the model with optimum or onnxruntime-genai",
  );
}

/** The weight behind a column that is put beside the scores, as gpt-oss does. */
function sinksBeside(view: GraphView, concat: NodeProto, scores: string): string | undefined {
  const column = concat.input.find((name) => name !== scores) ?? "";
  const sinks = view.source(column, ...shapeOnly);
  return concat.input.length === 2 && view.weightDims(sinks) ? sinks : undefined;
}

/** Concat puts the sinks beside the scores, Sub takes the maximum off, Slice drops the sinks again. */
const sinkOps = new Set(["Concat", "Sub", "Slice"]);

const onThePath = new Set([
  "MatMul",
  "FusedMatMul",
  "Mul",
  "Div",
  "Tanh",
  "Add",
  "Where",
  "Softmax",
  "Cast",
  "Identity",
  "Dropout",
  ...sinkOps,
]);
