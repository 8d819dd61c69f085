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
 */
export function redundancy(s: ScoreGraph): string {
  const { g } = s;
  const unit = unitKeys(s);
  const blocks = g.node("Div", [
    g.node("Add", [s.length(), g.ints(blockRows - 1)]),
    g.ints(blockRows),
  ]);
  const none = s.inEveryHead(g.float(0));
  const body = columnSumsOfBlock(s, unit);
  const [sums] = g.nodes("Loop", [g.node("Squeeze", [blocks]), "", none], 1, { body });
  const means = g.node("Div", [sums, s.lengthAsFloat()]);
  return s.candidatesOf(g.node("Softmax", [means], { axis: -1 }));
}

/** Body of the loop over blocks of rows: adds the block's column sums [H, n] to those so far. */
function columnSumsOfBlock(s: ScoreGraph, unit: string) {
  const { g } = s;
  const transposed = g.node("Transpose", [unit], { perm: [0, 2, 1] });
  const columns = s.slotNumbers();
  const threshold = s.scalar("similarityThreshold");

  const b = g.body("similarities of a block of rows");
  const block = b.input("block", "int64", []);
  const goOn = b.input("goOn", "bool", []);
  const sumsSoFar = b.input("sumsSoFar", "float32", ["H", "n"]);
  const start = b.node("Reshape", [b.node("Mul", [block, b.int(blockRows)]), b.ints(1)]);
  const end = b.node("Add", [start, b.ints(blockRows)]);
  const rowKeys = b.node("Slice", [unit, start, end, b.ints(1)]);
  const rows = b.node("Unsqueeze", [b.node("Slice", [columns, start, end]), b.ints(1)]); // [block, 1]

  const cosines = b.node("MatMul", [rowKeys, transposed]); // [H, block, n]
  const others = zeroWhere(b, b.node("Equal", [rows, columns]), cosines);
  const similar = b.node("Where", [b.node("Greater", [others, threshold]), columns, b.float(0)]);
  const newest = b.node("ReduceMax", [similar, b.ints(-1)], { keepdims: 1 }); // [H, block, 1]
  const unspared = zeroWhere(b, b.node("Equal", [newest, columns]), others);
  const sums = b.node("ReduceSum", [unspared, b.ints(1)], { keepdims: 0 });

  b.output(b.node("Identity", [goOn]), "goOnAfter", "bool", []);
  b.output(b.node("Add", [sumsSoFar, sums]), "sums", "float32", ["H", "n"]);
  return b.graph;
}

function zeroWhere(g: GraphBuilder, condition: string, value: string): string {
  return g.node("Where", [condition, g.float(0), value]);
}
