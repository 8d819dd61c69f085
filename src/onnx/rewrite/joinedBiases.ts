/** Biases of quantized products as inputs of theirs: on a GPU an Add is a program of its own to start. */
import { intAttribute, type GraphView } from "../graph/graphView";
import type { NodeProto } from "../proto/onnx_pb";

const [scalesInput, biasInput] = [2, 5];

/** Where a product without a bias is read by nothing but an Add of a vector. */
export function joinBiases(view: GraphView): void {
  const { graph } = view;
  const joined = new Set<NodeProto>();
  for (const sum of graph.node) {
    const product = sum.opType === "Add" ? productOf(view, sum) : undefined;
    if (!product) continue;
    const bias = sum.input.find((value) => value !== product.output[0])!;
    product.input = Array.from({ length: biasInput }, (_, i) => product.input.at(i) ?? "");
    product.input.push(bias);
    product.output = [...sum.output];
    joined.add(sum);
  }
  graph.node = graph.node.filter((node) => !joined.has(node));
}

function productOf(view: GraphView, { input }: NodeProto): NodeProto | undefined {
  const product = input.map((value) => view.producer(value)).find((node) => node);
  if (product?.opType !== "MatMulNBits" || product.input[biasInput]) return undefined;
  const bias = view.constant(input.find((value) => value !== product.output[0]) ?? "");
  const fits =
    view.consumers(product.output[0]).length === 1 &&
    bias?.dims.length === 1 &&
    Number(bias.dims[0]) === intAttribute(product, "N", 0) &&
    bias.dataType === view.constant(product.input[scalesInput])?.dataType;
  return fits ? product : undefined;
}
