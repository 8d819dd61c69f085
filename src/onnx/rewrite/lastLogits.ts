/** Leaves the logits of the last token alone: the largest product of the graph shrinks to one row. */
import { declaredDims, elementTypeOf } from "../patterns/attentionSite";
import { dataTypeOf, type GraphBuilder } from "../graph/graphBuilder";
import { intAttribute, type GraphView } from "../graph/graphView";
import { refuse } from "../modelRefused";
import type { NodeProto, ValueInfoProto } from "../proto/onnx_pb";

const headProducts = new Set(["MatMul", "MatMulNBits", "MatMulBnb4", "FusedMatMul"]);
const elementwise = new Set([
  "Cast",
  "Identity",
  "Tanh",
  "Add",
  "Sub",
  "Mul",
  "Div",
  "Where",
  "Clip",
]);

/** Makes the output “logits” float32 [B, 1, V] and returns V. `stock` is the export's own output. */
export function emitLastLogits(g: GraphBuilder, view: GraphView, stock: ValueInfoProto): number {
  const head = headOf(view, stock.name);
  const vocabulary = declaredDims(stock)[2] ?? (head && widthMadeBy(view, head));
  if (!vocabulary)
    refuse("The logits do not tell the size of the vocabulary", "export the model with optimum");
  const whole = renameOutput(g, view, stock.name);
  const last = (value: string) => g.node("Gather", [value, g.ints(-1)], { axis: 1 });
  if (head) head.input[0] = last(head.input[0]);
  const logits = head ? whole : last(whole);
  const isFloat32 = elementTypeOf(stock) === dataTypeOf("float32");
  const value = isFloat32 ? logits : g.cast(logits, "float32");
  g.output(value, "logits", "float32", ["batch", 1, vocabulary]);
  return vocabulary;
}

/** The product with the vocabulary, if nothing but elementwise nodes with constants follow it. */
function headOf(view: GraphView, logits: string): NodeProto | undefined {
  let value = logits;
  for (let hops = 0; hops < 16; hops++) {
    const node = view.producer(value);
    if (!node || view.consumers(value).length > 1) return undefined;
    if (headProducts.has(node.opType)) return node;
    const moving = node.input.filter((name) => name && !view.weightDims(name));
    if (!elementwise.has(node.opType) || moving.length !== 1) return undefined;
    value = moving[0];
  }
  return undefined;
}

function widthMadeBy(view: GraphView, head: NodeProto): number | undefined {
  return intAttribute(head, "N", 0) || view.weightDims(head.input[1])?.[1];
}

/** Frees the name “logits” for the new output. */
function renameOutput(g: GraphBuilder, view: GraphView, name: string): string {
  const renamed = g.fresh("logits");
  const node = view.producer(name);
  if (node) node.output = node.output.map((output) => (output === name ? renamed : output));
  for (const reader of view.consumers(name))
    reader.input = reader.input.map((input) => (input === name ? renamed : input));
  return renamed;
}
