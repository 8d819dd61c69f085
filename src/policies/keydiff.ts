import type { Policy } from "./policy";
import { unitKeys } from "./graph/unitKeys";

/**
 * KeyDiff (arXiv 2504.15364): retains the keys that point away from the mean direction of all
 * keys, score = −cos(key, mean of unit keys). As kvpress has it.
 */
export const keydiff: Policy = {
  name: "keydiff",
  slotOrder: "position",
  score(s) {
    const { g } = s;
    const unit = unitKeys(g, s.keys());
    const mean = g.node("ReduceMean", [unit, g.ints(1)], { keepdims: 1 }); // [H, 1, D]
    const meanLength = g.node("ReduceL2", [mean, g.ints(-1)], { keepdims: 1 });
    const anchor = g.node("Div", [mean, g.node("Add", [meanLength, g.float(1e-8)])]);
    const cosine = g.node("ReduceSum", [g.node("Mul", [unit, anchor]), g.ints(-1)], {
      keepdims: 0,
    });
    return { score: s.candidatesOf(g.node("Neg", [cosine])), parts: {} };
  },
};
