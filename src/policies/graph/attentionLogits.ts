import type { GraphBuilder } from "../../onnx/graph/graphBuilder";

/** Values of a graph. */
export interface LogitInputs {
  /** [H, G, w, D] */
  queries: string;
  /** [H, n, D] */
  keys: string;
  /** Scalar: the layer's factor on q·k. */
  scale: string;
  /** Scalar above 0; absent where the layer has none. */
  softcap?: string;
  /** Shapes as int64 vectors: that of all queries of a head as one matrix, and that of the result. */
  shapes: { rows: string; logits: string };
}

/**
 * [H, G, w, n] q·k as the layer's own attention computes it: its scale, and where it has a softcap,
 * softcap·tanh(logit/softcap). The queries of a group are one matrix, because many thin products
 * cost more than one.
 */
export function attentionLogits(g: GraphBuilder, inputs: LogitInputs): string {
  const { queries, keys, scale, softcap, shapes } = inputs;
  const rows = g.node("Reshape", [queries, shapes.rows]); // [H, G · w, D]
  const products = g.node("MatMul", [rows, g.node("Transpose", [keys], { perm: [0, 2, 1] })]);
  const scaled = g.node("Mul", [g.node("Reshape", [products, shapes.logits]), scale]);
  if (softcap === undefined) return scaled;
  return g.node("Mul", [g.node("Tanh", [g.node("Div", [scaled, softcap])]), softcap]);
}
