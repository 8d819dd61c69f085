import type { ScoreGraph } from "./scoreGraph";

/**
 * [H, c] how much the observation window attends to each candidate: largest logit of the query
 * group, softmax over the candidates alone, mean over the window's queries, max-pool over
 * neighbours in the order of slots (Policy.slotOrder). As in
 * `compute_attention_scores` and `R1KV.update_kv` of Zefan-Cai/R-KV at d15c976. The paper's Eq. 4
 * pools before it averages, which evicts other tokens; its Algorithm 1 agrees with the code.
 */
export function importance(s: ScoreGraph): string {
  const { g } = s;
  const largest = g.node("ReduceMax", [logits(s), g.ints(1)], { keepdims: 0 }); // [H, w, n]
  const attention = g.node("Softmax", [s.candidatesOf(largest)], { axis: -1 }); // [H, w, c]
  const mean = g.node("ReduceMean", [attention, g.ints(1)], { keepdims: 1 }); // [H, 1, c]
  const { poolWidth } = s.options;
  const margin = Math.floor(poolWidth / 2);
  const pooled = g.node("MaxPool", [mean], { kernel_shape: [poolWidth], pads: [margin, margin] });
  return g.node("Squeeze", [pooled, g.ints(1)]);
}

/**
 * [H, G, w, n] q·k as the layer's own attention computes it: its scale, its softcap. The queries of
 * a group are one matrix, because many thin products cost more than one.
 */
function logits(s: ScoreGraph): string {
  const { g } = s;
  const queries = s.queries();
  const headDim = g.node("Shape", [queries], { start: 3 });
  const flat = g.node("Concat", [g.ints(0, -1), headDim], { axis: 0 });
  const rows = g.node("Reshape", [queries, flat]); // [H, G · w, D]
  const products = g.node("MatMul", [rows, g.node("Transpose", [s.keys()], { perm: [0, 2, 1] })]);
  const shape = g.node("Concat", [g.node("Shape", [queries], { end: 3 }), g.ints(-1)], { axis: 0 });
  const scaled = g.node("Mul", [g.node("Reshape", [products, shape]), s.scalar("scale")]);
  if (!s.options.softcapped) return scaled;
  const cap = s.scalar("softcap");
  return g.node("Mul", [g.node("Tanh", [g.node("Div", [scaled, cap])]), cap]);
}
