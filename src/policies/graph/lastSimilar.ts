import type { GraphBuilder } from "../../onnx/graph/graphBuilder";
import type { ScoreGraph } from "./scoreGraph";

/** Neighbouring cosines of which only the largest is looked at, until the last step. */
const stripSlots = 32;
/** Slots that are compared at a time, in whole strips: memory grows with n, not n². */
const blockSlots = 8 * stripSlots;

/**
 * [H, n] float32: for each slot the last other one of its head whose key is similar to its own
 * (cosine above the threshold), 0 where there is none. unit: [H, n, D], keys of length 1.
 * The cosines are nearly all that R-KV costs. So blocks of slots are taken from the last to the
 * first, and each is compared with itself and with earlier slots, for the good of both: no pair is
 * compared twice. And the cosines are passed over once for each side, for the maxima of their strips.
 */
export function lastSimilar(s: ScoreGraph, unit: string): string {
  const { g } = s;
  const [zero, one] = [g.ints(0), g.ints(1)];
  // Zero keys before the others, at least one, fill the strips: similar to none, so that slot 0
  // stands for “none”. They are not to search, as if they had found slot 1.
  const padding = paddingOf(g, s.length());
  const end = g.node("Add", [s.length(), padding]);
  const keys = g.node("Pad", [
    unit,
    g.node("Concat", [zero, padding, zero, zero, zero, zero], { axis: 0 }),
  ]);
  const none = s.inEveryHead(g.float(0));
  const known = g.node("Pad", [
    none,
    g.node("Concat", [zero, padding, zero, zero], { axis: 0 }),
    g.float(1),
  ]);
  const blocks = g.node("Div", [g.node("Add", [end, g.ints(blockSlots - 1)]), g.ints(blockSlots)]);
  const body = blockSearch(s, keys, end);
  const found = g.node("Loop", [g.node("Squeeze", [blocks]), "", known], { body });
  const last = g.node("Slice", [found, padding, end, one]);
  return g.node("Max", [g.node("Sub", [last, g.cast(padding, "float32")]), g.float(0)]);
}

/** What is to be added to a number of slots, a vector of one, to fill whole strips: never nothing. */
function paddingOf(g: GraphBuilder, slots: string): string {
  return g.node("Sub", [g.ints(stripSlots), g.node("Mod", [slots, g.ints(stripSlots)])]);
}

/**
 * Body of the loop over blocks. Carries the last similar slot that is known of each one,
 * [H, end], 0 where none is.
 */
function blockSearch(s: ScoreGraph, keys: string, end: string) {
  const b = s.g.body("search of a block");
  const block = b.input("block", "int64", []);
  b.input("goOn", "bool", []);
  const known = b.input("known", "float32", ["H", "end"]);

  const blockEnd = b.node("Sub", [end, b.node("Mul", [block, b.int(blockSlots)])]);
  const start = b.node("Max", [b.node("Sub", [blockEnd, b.ints(blockSlots)]), b.ints(0)]);
  const slice = (value: string, from: string, to: string) =>
    b.node("Slice", [value, from, to, b.ints(1)]);
  const blockKeys = slice(keys, start, blockEnd);
  const turned = b.node("Transpose", [blockKeys], { perm: [0, 2, 1] });
  const first = b.cast(start, "float32");

  const own = withoutSelf(b, b.node("MatMul", [blockKeys, turned]));
  const knownOfBlock = slice(known, start, blockEnd);
  const ofBlock = b.node("Max", [knownOfBlock, slotIn(b, lastAlong(s, b, own, 2), first)]);

  // Slot 0 at least, so that nothing here is ever empty.
  const earlierEnd = b.node("Max", [start, b.ints(1)]);
  const earlier = earlierToCompare(b, slice(known, b.ints(0), earlierEnd), ofBlock);
  const cosines = b.node("MatMul", [b.node("Gather", [keys, earlier], { axis: 1 }), turned]);
  const row = b.node("Max", [lastAlong(s, b, cosines, 1), b.float(0)]);
  const earlierSimilar = b.cast(b.node("Gather", [earlier, b.cast(row, "int64")]), "float32");
  const ofEarlier = slotIn(b, lastAlong(s, b, cosines, 2), first); // [H, m]

  const parts = [
    slice(known, b.ints(0), start),
    b.node("Max", [ofBlock, earlierSimilar]),
    slice(known, blockEnd, end),
  ];
  const places = b.node("Expand", [earlier, b.node("Shape", [ofEarlier])]);
  const found = b.node(
    "ScatterElements",
    [b.node("Concat", parts, { axis: 1 }), places, ofEarlier],
    {
      axis: 1,
      reduction: "max",
    },
  );
  b.output(lacksAny(b, slice(found, b.ints(0), earlierEnd)), "goOnAfter", "bool", []);
  b.output(found, "found", "float32", ["H", "end"]);
  return b.graph;
}

/** [m] slots earlier than a block, ascending: those that know none, or all if one of the block knows none. */
function earlierToCompare(b: GraphBuilder, known: string, ofBlock: string): string {
  const earliest = b.node("ReduceMin", [known, b.ints(0)], { keepdims: 0 });
  const lacks = b.node("Equal", [earliest, b.float(0)]);
  const count = b.node("Squeeze", [b.node("Shape", [lacks])]);
  const all = b.node("Range", [b.int(0), count, b.int(1)]);
  const compared = b.node("Or", [lacks, lacksAny(b, ofBlock)]);
  const chosen = b.node("Compress", [all, compared], { axis: 0 });
  const padding = paddingOf(b, b.node("Shape", [chosen]));
  return b.node("Pad", [chosen, b.node("Concat", [padding, b.ints(0)], { axis: 0 })]);
}

/** Whether a slot of any head knows none. */
function lacksAny(b: GraphBuilder, known: string): string {
  return b.node("Equal", [b.node("ReduceMin", [known], { keepdims: 0 }), b.float(0)]);
}

/** A block's cosines with itself, but 0 for a slot with itself, as in the authors' code. */
function withoutSelf(b: GraphBuilder, cosines: string): string {
  const cells = Float32Array.from({ length: blockSlots ** 2 }, (_, i) =>
    i % (blockSlots + 1) === 0 ? 0 : 1,
  );
  const size = b.node("Shape", [cosines], { start: 1 });
  const others = b.constant(cells, [blockSlots, blockSlots]);
  return b.node("Mul", [cosines, b.node("Slice", [others, b.ints(0, 0), size])]);
}

/**
 * Where along an axis (1 or 2) of cosines [H, rows, columns] the last one above the threshold is,
 * −1 where there is none: float32, without that axis. The axis has whole strips.
 */
function lastAlong(s: ScoreGraph, b: GraphBuilder, cosines: string, axis: 1 | 2): string {
  const across = (values: Float32Array) =>
    b.constant(values, axis === 1 ? [values.length, 1] : [values.length]);
  const threshold = s.scalar("similarityThreshold");
  const lastOf = (value: string, names: string, keepdims: 0 | 1) => {
    const named = b.node("Where", [b.node("Greater", [value, threshold]), names, b.float(-1)]);
    return b.node("ReduceMax", [named, b.ints(axis)], { keepdims });
  };
  const columns = b.node("Shape", [cosines], { start: 2 });
  const shape =
    axis === 1
      ? b.node("Concat", [b.ints(0, -1, stripSlots), columns], { axis: 0 })
      : b.ints(0, 0, -1, stripSlots);
  const strips = b.node("Reshape", [cosines, shape]);
  const largest = b.node("ReduceMax", [strips, b.ints(axis + 1)], { keepdims: 0 });
  const count = b.node("Squeeze", [b.node("Shape", [largest], { start: axis, end: axis + 1 })]);
  const numbers = b.cast(b.node("Range", [b.int(0), count, b.int(1)]), "float32");
  const names = axis === 1 ? b.node("Unsqueeze", [numbers, b.ints(1)]) : numbers;
  const strip = b.node("Max", [lastOf(largest, names, 1), b.float(0)]);
  const inStrip = across(Float32Array.from({ length: stripSlots }, (_, i) => i));
  const places = b.node("Add", [b.node("Mul", [strip, b.float(stripSlots)]), inStrip]);
  const looked = b.node("GatherElements", [cosines, b.cast(places, "int64")], { axis });
  return lastOf(looked, places, 0);
}

/** The slot at a place of a block that begins with slot `first`, 0 for the place −1. */
function slotIn(b: GraphBuilder, place: string, first: string): string {
  const slot = b.node("Add", [place, first]);
  return b.node("Where", [b.node("Less", [place, b.float(0)]), b.float(0), slot]);
}
