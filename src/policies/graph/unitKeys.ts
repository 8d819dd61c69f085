import type { GraphBuilder } from "../../onnx/graph/graphBuilder";

/** [H, n, D] keys divided by their length; 1e-8 keeps a zero key from dividing by zero. */
export function unitKeys(g: GraphBuilder, keys: string): string {
  const length = g.node("ReduceL2", [keys, g.ints(-1)], { keepdims: 1 });
  return g.node("Div", [keys, g.node("Add", [length, g.float(1e-8)])]);
}
