import type { GraphBuilder } from "../onnx/graphBuilder";
import type { ScoreGraph } from "./scoreGraph";
import { unitKeys } from "./unitKeys";

/** Rows of the similarity matrix that exist at a time: memory grows with n, not with n². */
const blockRows = 256;

/**
 * [H, c] how much each candidate's key repeats the other keys of its head, softmax over all slots.
 * As in `cal_similarity` of Zefan-Cai/R-KV at d15c976 (retain_direction "last"), of every row and
 * not only the first: cosine similarities without the diagonal; in each row the newest key above
 * the threshold is spared (its entry set to 0); column means.
 * Where the code parts from the paper's Eq. 5: it spares links that point at the newest copy (the
 * paper's equation spares the copy's own), it counts the window's keys in, and a row without any
 * similar key spares column 0, so the first token always looks unique.
 * The sum of a column of the matrix is its key times the sum of all keys, so the matrix itself is
 * needed for nothing but finding each row's newest similar key.
 */
export function redundancy(s: ScoreGraph): string {
  const { g } = s;
  const unit = unitKeys(s);
  const newest = newestSimilar(s, unit);
  const total = g.node("ReduceSum", [unit, g.ints(1)], { keepdims: 1 }); // [H, 1, D]
  const others = dot(g, unit, g.node("Sub", [total, unit]));
  const spared = similarityTo(s, unit, newest);
  const sums = g.node("ScatterElements", [others, newest, g.node("Neg", [spared])], {
    axis: 1,
    reduction: "add",
  });
  const means = g.node("Div", [sums, s.lengthAsFloat()]);
  return s.candidatesOf(g.node("Softmax", [means], { axis: -1 }));
}

/** [H, n] int64 per row the newest other slot above the threshold, 0 where there is none. */
function newestSimilar(s: ScoreGraph, unit: string): string {
  const { g } = s;
  const blocks = g.node("Div", [
    g.node("Add", [s.length(), g.ints(blockRows - 1)]),
    g.ints(blockRows),
  ]);
  const none = g.node("Slice", [s.inEveryHead(g.float(0)), g.ints(0), g.ints(0), g.ints(1)]);
  const body = newestSimilarOfBlock(s, unit);
  const [newest] = g.nodes("Loop", [g.node("Squeeze", [blocks]), "", none], 1, { body });
  return g.cast(newest, "int64");
}

/** Body of the loop over blocks of rows: appends the block's newest similar slots [H, block]. */
function newestSimilarOfBlock(s: ScoreGraph, unit: string) {
  const { g } = s;
  const transposed = g.node("Transpose", [unit], { perm: [0, 2, 1] });
  const columns = s.slotNumbers();
  const threshold = s.scalar("similarityThreshold");

  const b = g.body("similarities of a block of rows");
  const block = b.input("block", "int64", []);
  const goOn = b.input("goOn", "bool", []);
  const newestSoFar = b.input("newestSoFar", "float32", ["H", "rows"]);
  const start = b.node("Reshape", [b.node("Mul", [block, b.int(blockRows)]), b.ints(1)]);
  const end = b.node("Add", [start, b.ints(blockRows)]);
  const rowKeys = b.node("Slice", [unit, start, end, b.ints(1)]);
  const rows = b.node("Unsqueeze", [b.node("Slice", [columns, start, end]), b.ints(1)]); // [block, 1]

  const cosines = b.node("MatMul", [rowKeys, transposed]); // [H, block, n]
  const similar = b.cast(b.node("Greater", [cosines, threshold]), "float32");
  const itself = b.node("Mul", [rows, b.cast(b.node("Less", [threshold, b.float(0)]), "float32")]);
  const others = b.node("Where", [b.node("Equal", [rows, columns]), itself, columns]);
  const slots = b.node("Mul", [similar, others]);
  const newest = b.node("ReduceMax", [slots, b.ints(-1)], { keepdims: 0 }); // [H, block]

  b.output(b.node("Identity", [goOn]), "goOnAfter", "bool", []);
  const grown = b.node("Concat", [newestSoFar, newest], { axis: 1 });
  b.output(grown, "newest", "float32", ["H", "rowsAfter"]);
  return b.graph;
}

/** [H, n] cosine of each slot's key with that of the slot it names, 0 where it names itself. */
function similarityTo(s: ScoreGraph, unit: string, named: string): string {
  const { g } = s;
  const shape = g.node("Shape", [unit]);
  const heads = g.node("Squeeze", [g.node("Slice", [shape, g.ints(0), g.ints(1)])]);
  const firstRows = g.node("Mul", [g.node("Range", [g.int(0), heads, g.int(1)]), s.length()]);
  const rows = g.node("Add", [named, g.node("Unsqueeze", [firstRows, g.ints(1)])]);
  const lastSize = g.node("Slice", [shape, g.ints(2), g.ints(3)]);
  const flat = g.node("Reshape", [unit, g.node("Concat", [g.ints(-1), lastSize], { axis: 0 })]);
  const cosine = dot(g, unit, g.node("Gather", [flat, rows]));
  const isItself = g.node("Equal", [g.cast(named, "float32"), s.slotNumbers()]);
  return g.node("Where", [isItself, g.float(0), cosine]);
}

/** [H, n] inner products of the rows of two values [H, n, D]. */
function dot(g: GraphBuilder, a: string, b: string): string {
  return g.node("ReduceSum", [g.node("Mul", [a, b]), g.ints(-1)], { keepdims: 0 });
}
