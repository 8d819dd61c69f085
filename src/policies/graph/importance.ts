import { attentionLogits } from "./attentionLogits";
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
  const logits = attentionLogits(g, {
    queries: s.queries(),
    keys: s.keys(),
    scale: s.scalar("scale"),
    softcap: s.options.softcapped ? s.scalar("softcap") : undefined,
    shapes: { rows: s.shape("shape.rows", 3), logits: s.shape("shape.logits", 4) },
  });
  const largest = g.node("ReduceMax", [logits, g.ints(1)], { keepdims: 0 }); // [H, w, n]
  const attention = g.node("Softmax", [s.candidatesOf(largest)], { axis: -1 }); // [H, w, c]
  const mean = g.node("ReduceMean", [attention, g.ints(1)], { keepdims: 1 }); // [H, 1, c]
  const { poolWidth } = s.options;
  const margin = Math.floor(poolWidth / 2);
  const pooled = g.node("MaxPool", [mean], { kernel_shape: [poolWidth], pads: [margin, margin] });
  return g.node("Squeeze", [pooled, g.ints(1)]);
}
