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
}

/**
 * [H, G, w, n] q·k as the layer's own attention computes it: its scale, and where it has a softcap,
 * softcap·tanh(logit/softcap). The queries of a group are one matrix, because many thin products
 * cost more than one.
 */
export function attentionLogits(g: GraphBuilder, inputs: LogitInputs): string {
  const { queries, keys, scale, softcap } = inputs;
  const headDim = g.node("Shape", [queries], { start: 3 });
  const flat = g.node("Concat", [g.ints(0, -1), headDim], { axis: 0 });
  const rows = g.node("Reshape", [queries, flat]); // [H, G · w, D]
  const products = g.node("MatMul", [rows, g.node("Transpose", [keys], { perm: [0, 2, 1] })]);
  const shape = g.node("Concat", [g.node("Shape", [queries], { end: 3 }), g.ints(-1)], { axis: 0 });
  const scaled = g.node("Mul", [g.node("Reshape", [products, shape]), scale]);
  if (softcap === undefined) return scaled;
  return g.node("Mul", [g.node("Tanh", [g.node("Div", [scaled, softcap])]), softcap]);
}
