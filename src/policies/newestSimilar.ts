import type { GraphBuilder } from "../onnx/graphBuilder";
import type { ScoreGraph } from "./scoreGraph";

/** Neighbouring cosines of which only the largest is looked at, until the last step. */
const stripSlots = 32;
/** Slots that all others are compared with at a time, in whole strips: memory grows with n, not n². */
const blockSlots = 8 * stripSlots;

/** Keys with zero keys put before them, so that they fill whole strips, and slots count from there. */
interface PaddedKeys {
  /** [H, end, D] */
  keys: string;
  /** Zero keys, and all keys: int64 vectors of one. */
  padding: string;
  end: string;
}

/**
 * [H, n] float32: for each slot the newest other one of its head whose key is similar to its own
 * (cosine above the threshold), 0 where there is none. unit: [H, n, D], keys of length 1.
 * The cosines are nearly all that R-KV costs, so a slot is compared with blocks of slots from the
 * newest to the oldest, only until every head has found what it looks for; and the cosines are
 * passed over once, for the maxima of their strips.
 */
export function newestSimilar(s: ScoreGraph, unit: string): string {
  const { g } = s;
  const padded = pad(s, unit);
  const { padding, end } = padded;
  const all = g.node("Range", [scalar(g, padding), scalar(g, end), g.int(1)]);
  const blocks = g.node("Div", [g.node("Add", [end, g.ints(blockSlots - 1)]), g.ints(blockSlots)]);
  const before = newestInOwnStrip(s, padded);
  const body = searchBlock(s, padded);
  const [, found] = g.nodes("Loop", [scalar(g, blocks), "", all, before], 2, { body });
  const newest = g.node("Slice", [found, padding, end, g.ints(1)]);
  return g.node("Max", [g.node("Sub", [newest, g.cast(padding, "float32")]), g.float(0)]);
}

function pad(s: ScoreGraph, unit: string): PaddedKeys {
  const { g } = s;
  const padding = g.node("Mod", [g.node("Neg", [s.length()]), g.ints(stripSlots)]);
  const zero = g.ints(0);
  const pads = g.node("Concat", [zero, padding, zero, zero, zero, zero], { axis: 0 });
  const end = g.node("Add", [s.length(), padding]);
  return { keys: g.node("Pad", [unit, pads]), padding, end };
}

/** [H, end] 0 where a slot's own strip has no other one that is similar. */
function newestInOwnStrip(s: ScoreGraph, { keys, end }: PaddedKeys): string {
  const { g } = s;
  const headDim = g.node("Shape", [keys], { start: 2 });
  const shape = g.node("Concat", [g.ints(0, -1, stripSlots), headDim], { axis: 0 });
  const strips = g.node("Reshape", [keys, shape]); // [H, k, 32, D]
  const turned = g.node("Transpose", [strips], { perm: [0, 1, 3, 2] });
  const cosines = g.node("Mul", [g.node("MatMul", [strips, turned]), others(g)]); // [H, k, 32, 32]
  const slots = g.node("Range", [g.int(0), scalar(g, end), g.int(1)]);
  const names = g.node("Reshape", [g.cast(slots, "float32"), g.ints(-1, 1, stripSlots)]);
  const similar = g.node("Greater", [cosines, s.scalar("similarityThreshold")]);
  return g.node("Reshape", [newestOf(g, similar, names, 0), g.ints(0, -1)]);
}

/** [32, 32] 1 but for a slot with itself, whose similarity is 0 in the authors' code. */
function others(g: GraphBuilder): string {
  const cells = Float32Array.from({ length: stripSlots ** 2 }, (_, i) =>
    i % (stripSlots + 1) === 0 ? 0 : 1,
  );
  return g.constant(cells, [stripSlots, stripSlots]);
}

/**
 * Body of the loop over blocks. Carries the slots [m] that still search, int64, and the newest
 * similar slot found for each one [H, end].
 */
function searchBlock(s: ScoreGraph, { keys, end }: PaddedKeys) {
  const b = s.g.body("search of a block");
  const block = b.input("block", "int64", []);
  b.input("goOn", "bool", []);
  const searching = b.input("searching", "int64", ["m"]);
  const known = b.input("known", "float32", ["H", "end"]);

  const blockEnd = b.node("Sub", [end, b.node("Mul", [block, b.int(blockSlots)])]);
  const blockStart = b.node("Max", [b.node("Sub", [blockEnd, b.ints(blockSlots)]), b.ints(0)]);
  const blockKeys = b.node("Slice", [keys, blockStart, blockEnd, b.ints(1)]);
  const turned = b.node("Transpose", [blockKeys], { perm: [0, 2, 1] });
  const searchingKeys = b.node("Gather", [keys, searching], { axis: 1 });
  const cosines = b.node("MatMul", [searchingKeys, turned]); // [H, m, block]
  const first = b.cast(blockStart, "float32");
  const here = newestInBlock(s, b, { cosines, searching, first });

  const places = b.node("Expand", [searching, b.node("Shape", [here])]);
  const found = b.node("ScatterElements", [known, places, here], { axis: 1, reduction: "max" });
  const ofSearching = b.node("Gather", [found, searching], { axis: 1 });
  const oldest = b.node("ReduceMin", [ofSearching, b.ints(0)], { keepdims: 0 }); // [m]
  const left = b.node("Compress", [searching, b.node("Less", [oldest, first])], { axis: 0 });
  b.output(b.node("Greater", [b.node("Size", [left]), b.int(0)]), "goOnAfter", "bool", []);
  b.output(left, "left", "int64", ["mAfter"]);
  b.output(found, "found", "float32", ["H", "end"]);
  return b.graph;
}

interface Block {
  /** [H, m, block] of the searching slots with those of the block, whose first is `first`, [1]. */
  cosines: string;
  searching: string;
  first: string;
}

/** [H, m] the newest similar slot outside of the searching slot's own strip, 0 where there is none. */
function newestInBlock(s: ScoreGraph, b: GraphBuilder, { cosines, searching, first }: Block) {
  const threshold = s.scalar("similarityThreshold");
  const [size, none] = [b.float(stripSlots), b.float(-1)];
  const strips = b.node("Reshape", [cosines, b.ints(0, 0, -1, stripSlots)]); // [H, m, k, 32]
  const largest = b.node("ReduceMax", [strips, b.ints(-1)], { keepdims: 0 }); // [H, m, k]
  const count = b.node("Squeeze", [b.node("Shape", [strips], { start: 2, end: 3 })]);
  const numbers = b.node("Range", [b.int(0), count, b.int(1)]);
  const names = b.cast(numbers, "float32"); // [k]
  const offset = b.node("Sub", [
    b.cast(b.node("Unsqueeze", [searching, b.ints(1)]), "float32"),
    first,
  ]);
  const own = b.node("Floor", [b.node("Div", [offset, size])]); // [m, 1]
  const similar = b.node("And", [
    b.node("Greater", [largest, threshold]),
    b.node("Not", [b.node("Equal", [names, own])]),
  ]);
  const newest = newestOf(b, similar, names, -1); // [H, m]
  const chosen = b.node("Max", [newest, b.float(0)]);
  const index = b.node("Unsqueeze", [b.cast(chosen, "int64"), b.ints(2)]);
  const strip = b.node("GatherND", [strips, index], { batch_dims: 2 }); // [H, m, 32]
  const inStrip = b.constant(Float32Array.from({ length: stripSlots }, (_, i) => i));
  const place = newestOf(b, b.node("Greater", [strip, threshold]), inStrip, 0);
  const slot = b.node("Add", [b.node("Add", [b.node("Mul", [chosen, size]), place]), first]);
  return b.node("Where", [b.node("Greater", [newest, none]), slot, b.float(0)]);
}

/** The largest name where something is true, along the last axis; `none` where nothing is. */
function newestOf(g: GraphBuilder, isTrue: string, names: string, none: number): string {
  const named = g.node("Where", [isTrue, names, g.float(none)]);
  return g.node("ReduceMax", [named, g.ints(-1)], { keepdims: 0 });
}

function scalar(g: GraphBuilder, vectorOfOne: string): string {
  return g.node("Squeeze", [vectorOfOne]);
}
