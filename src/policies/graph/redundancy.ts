import type { GraphBuilder } from "../../onnx/graph/graphBuilder";
import { lastSimilar } from "./lastSimilar";
import type { ScoreGraph } from "./scoreGraph";
import { unitKeys } from "./unitKeys";

/**
 * [H, c] how much each candidate's key repeats the other keys of its head, softmax over all slots.
 * As in `cal_similarity` of Zefan-Cai/R-KV at d15c976 (retain_direction "last"), of every row and
 * not only the first: cosine similarities without the diagonal; in each row the last key above
 * the threshold is spared (its entry set to 0); column means.
 * Where the code parts from the paper's Eq. 5: it spares links that point at the last copy (the
 * paper's equation spares the copy's own), it counts the window's keys in, and a row without any
 * similar key spares column 0, so the first slot always looks unique. First and last are meant in
 * the order of slots (Policy.slotOrder): the last is the newest copy only until the first
 * compaction. Whether a cosine within rounding of the threshold is above it, is chance.
 * The sum of a column of the matrix is its key times the sum of all keys, so the matrix itself is
 * needed for nothing but finding each row's last similar key.
 */
export function redundancy(s: ScoreGraph): string {
  const { g } = s;
  const unit = unitKeys(g, s.keys());
  const last = lastSimilar(s, unit);
  const total = g.node("ReduceSum", [unit, g.ints(1)], { keepdims: 1 }); // [H, 1, D]
  const others = dot(g, unit, g.node("Sub", [total, unit]));
  const spared = similarityTo(s, unit, last);
  const columns = g.cast(last, "int64");
  const sums = g.node("ScatterElements", [others, columns, g.node("Neg", [spared])], {
    axis: 1,
    reduction: "add",
  });
  const means = g.node("Div", [sums, s.lengthAsFloat()]);
  return s.candidatesOf(g.node("Softmax", [means], { axis: -1 }));
}

/** [H, n] cosine of each slot's key with that of the slot it names, 0 where it names itself. */
function similarityTo(s: ScoreGraph, unit: string, named: string): string {
  const { g } = s;
  const index = g.node("Unsqueeze", [g.cast(named, "int64"), g.ints(2)]);
  const cosine = dot(g, unit, g.node("GatherND", [unit, index], { batch_dims: 1 }));
  return g.node("Where", [g.node("Equal", [named, s.slotNumbers()]), g.float(0), cosine]);
}

/** [H, n] inner products of the rows of two values [H, n, D]. */
function dot(g: GraphBuilder, a: string, b: string): string {
  return g.node("ReduceSum", [g.node("Mul", [a, b]), g.ints(-1)], { keepdims: 0 });
}
