/**
 * RMS norms that an export writes out in plain nodes, or as the standard operator, which WebGPU has
 * no program for, as one operator; where one follows a residual sum, together with that: on a GPU
 * each node is a program of its own to start.
 */
import type { GraphBuilder } from "../graph/graphBuilder";
import { floatAttribute, intAttribute, type GraphView } from "../graph/graphView";
import {
  TensorProto_DataType as DataType,
  type GraphProto,
  type NodeProto,
} from "../proto/onnx_pb";

const halves = new Set<number>([DataType.FLOAT16, DataType.BFLOAT16]);
const float32 = new Set<number>([DataType.FLOAT]);

/** weight · x / √(mean(x²) + ε), over the last axis. */
interface Norm {
  x: string;
  weight: string;
  epsilon: number;
  /** Makes the result. */
  last: NodeProto;
}

/** Norms with float32 weights alone; others stay as they are. */
export function joinNorms(g: GraphBuilder, view: GraphView): void {
  const { graph } = view;
  const replaced = new Set<NodeProto>();
  const float32Alone = !hasHalves(graph);
  for (const node of [...graph.node]) {
    const norm = node.opType === "ReduceMean" ? normOf(view, node) : standardNorm(view, node);
    if (!norm) continue;
    replaced.add(norm.last);
    const sum = float32Alone ? sumBefore(view, norm.x) : undefined;
    if (!sum || replaced.has(sum)) writeNorm(g, norm);
    else {
      replaced.add(sum);
      writeSumAndNorm(g, sum, norm);
    }
  }
  graph.node = graph.node.filter((node) => !replaced.has(node));
}

function writeNorm(g: GraphBuilder, { x, weight, epsilon, last }: Norm): void {
  const attributes = { axis: -1, epsilon: { float: epsilon }, stash_type: 1 };
  const [output] = last.output;
  g.node("SimplifiedLayerNormalization", [x, weight], attributes, { output });
}

function writeSumAndNorm(g: GraphBuilder, sum: NodeProto, { weight, epsilon, last }: Norm): void {
  const outputs = [last.output[0], "", "", sum.output[0]];
  const attributes = { epsilon: { float: epsilon } };
  const inputs = [...sum.input, weight];
  g.nodes("SkipSimplifiedLayerNormalization", inputs, outputs, attributes, "com.microsoft");
}

/** Whether a graph computes in 16 bits anywhere, so that a sum and a norm may differ in type. */
function hasHalves({ initializer, node }: GraphProto): boolean {
  return (
    initializer.some(({ dataType }) => halves.has(dataType)) ||
    node.some((each) => each.opType === "Cast" && halves.has(intAttribute(each, "to", 0)))
  );
}

/** The node that adds two results, if that is what a norm is taken of. */
function sumBefore(view: GraphView, x: string): NodeProto | undefined {
  const sum = view.producer(view.source(x, "Cast"));
  const isSum = sum?.opType === "Add" && sum.input.every((value) => view.producer(value));
  return isSum && !sum.input.some((value) => view.constant(value)) ? sum : undefined;
}

function standardNorm(view: GraphView, node: NodeProto): Norm | undefined {
  const [x, weight] = node.input;
  const isLast = node.opType === "RMSNormalization" && intAttribute(node, "axis", -1) === -1;
  if (!isLast || !isVector(view, weight)) return undefined;
  return { x, weight, epsilon: floatAttribute(node, "epsilon", 1e-5), last: node };
}

function normOf(view: GraphView, mean: NodeProto): Norm | undefined {
  const square = view.producer(mean.input[0]);
  if (square?.opType !== "Pow" || view.scalar(square.input[1]) !== 2) return undefined;
  if (!isOverLastAxis(view, mean)) return undefined;
  const [x] = square.input;
  const shifted = onlyReader(view, mean.output[0], "Add");
  const epsilon = shifted && view.scalar(otherInput(shifted, mean.output[0]));
  const root = shifted && onlyReader(view, shifted.output[0], "Sqrt");
  const inverse = root && onlyReader(view, root.output[0], "Div");
  if (epsilon === undefined || !inverse || view.scalar(inverse.input[0]) !== 1) return undefined;
  const scaled = onlyReader(view, inverse.output[0], "Mul");
  if (!scaled || otherInput(scaled, inverse.output[0]) !== x) return undefined;
  const cast = onlyReader(view, scaled.output[0], "Cast");
  if (cast && !float32.has(intAttribute(cast, "to", 0))) return undefined;
  const normed = (cast ?? scaled).output[0];
  const last = onlyReader(view, normed, "Mul");
  const weight = last && otherInput(last, normed);
  return last && weight && isVector(view, weight) ? { x, weight, epsilon, last } : undefined;
}

/** Of float32, and no single number that would be spread over the axis. */
function isVector(view: GraphView, weight: string): boolean {
  const { dataType = NaN, dims = [] } = view.constant(weight) ?? {};
  return float32.has(dataType) && dims.length === 1 && dims[0] > 1n;
}

function isOverLastAxis(view: GraphView, mean: NodeProto): boolean {
  const given = mean.attribute.find(({ name }) => name === "axes")?.ints;
  const axis = given?.length === 1 ? Number(given[0]) : view.scalar(mean.input[1] ?? "");
  return axis === -1 && intAttribute(mean, "keepdims", 1) === 1;
}

/** The node that reads a value, if it is of this kind and no other reads it. */
function onlyReader(view: GraphView, value: string, op: string): NodeProto | undefined {
  const [reader, ...others] = view.consumers(value);
  return others.length === 0 && reader?.opType === op ? reader : undefined;
}

/** Of a node with two inputs. */
function otherInput({ input: [a, b] }: NodeProto, value: string): string {
  return a === value ? b : a;
}
