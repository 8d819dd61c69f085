import { concat } from "../../onnx/graph/concat";
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
 */
export function redundancy(s: ScoreGraph): string {
  const { g } = s;
  const unit = unitKeys(g, s.keys());
  const { wholeHeads } = s.options;
  const sums = wholeHeads ? sumsOfMatrices(s, unit, wholeHeads) : sumsByBlocks(s, unit);
  const means = g.node("Div", [sums, s.lengthAsFloat()]);
  return s.candidatesOf(g.node("Softmax", [means], { axis: -1 }));
}

/** [H, n] column sums of the matrices as they are written above: n² numbers a head. */
function sumsOfMatrices(
  s: ScoreGraph,
  unit: string,
  { atOnce, all }: { atOnce: number; all: number },
): string {
  const { g } = s;
  if (atOnce >= all) return sumsOfMatrix(s, unit);
  const sums: string[] = [];
  for (let first = 0; first < all; first += atOnce) {
    const heads = g.node("Slice", [unit, g.ints(first), g.ints(first + atOnce), g.ints(0)]);
    sums.push(sumsOfMatrix(s, heads));
  }
  return concat(g, sums, 0);
}

function sumsOfMatrix(s: ScoreGraph, unit: string): string {
  const { g } = s;
  const columns = s.slotNumbers();
  const rows = g.node("Unsqueeze", [columns, g.ints(1)]); // [n, 1]
  const products = g.node("MatMul", [unit, g.node("Transpose", [unit], { perm: [0, 2, 1] })]);
  const itself = g.node("Equal", [rows, columns]);
  const cosines = g.node("Where", [itself, g.float(0), products]); // [H, n, n]
  const isSimilar = g.node("Greater", [cosines, s.scalar("similarityThreshold")]);
  const similar = g.node("Where", [isSimilar, columns, g.float(0)]);
  const last = g.node("ReduceMax", [similar, g.ints(2)], { keepdims: 1 }); // [H, n, 1]
  const spared = g.node("Where", [g.node("Equal", [last, columns]), g.float(0), cosines]);
  return g.node("ReduceSum", [spared, g.ints(1)], { keepdims: 0 });
}

/**
 * [H, n] the same sums, whatever n. The sum of a column of the matrix is its key times the sum of
 * all keys, so the matrix is needed for nothing but finding each row's last similar key.
 */
function sumsByBlocks(s: ScoreGraph, unit: string): string {
  const { g } = s;
  const last = lastSimilar(s, unit);
  const total = g.node("ReduceSum", [unit, g.ints(1)], { keepdims: 1 }); // [H, 1, D]
  const others = dot(g, unit, g.node("Sub", [total, unit]));
  const spared = similarityTo(s, unit, last);
  const columns = g.cast(last, "int64");
  return g.node("ScatterElements", [others, columns, g.node("Neg", [spared])], {
    axis: 1,
    reduction: "add",
  });
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
