import type { ScoreGraph } from "./scoreGraph";

/** [H, n, D] keys divided by their length; 1e-8 keeps a zero key from dividing by zero. */
export function unitKeys(s: ScoreGraph): string {
  const { g } = s;
  const length = g.node("ReduceL2", [s.keys(), g.ints(-1)], { keepdims: 1 });
  return g.node("Div", [s.keys(), g.node("Add", [length, g.float(1e-8)])]);
}
