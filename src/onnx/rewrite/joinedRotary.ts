/**
 * Rotary that an export writes out in plain nodes (x · cos + rotate_half(x) · sin, heads first), as
 * the single operator that it is: on a GPU each node is a program of its own to start. So is rotary
 * by the standard operator, for which WebGPU has no program.
 */
import type { GraphBuilder } from "../graph/graphBuilder";
import { beforeSwap, intAttribute, type GraphView } from "../graph/graphView";
import type { NodeProto } from "../proto/onnx_pb";

const contrib = "com.microsoft";

/** What one node of the export computes, heads first. */
interface Rotary {
  /** [B, heads, S, headDim] */
  x: string;
  /** [B, S, headDim], of which the second half repeats the first, or is absent. */
  cos: string;
  sin: string;
}

/**
 * Each becomes RotaryEmbedding, over packed rows where the heads came first for its sake alone. Its
 * tables are the export's cosines and sines of the first row's positions, for the rows of a batch
 * stand at the same positions.
 */
export function joinRotary(g: GraphBuilder, view: GraphView, headDim: number): void {
  const { graph } = view;
  const replaced = new Set<NodeProto>();
  const tables = new Map<string, string>();
  for (const node of [...graph.node]) {
    const rotary = rotaryOf(view, node, headDim);
    if (!rotary) continue;
    for (const angles of [rotary.cos, rotary.sin])
      if (!tables.has(angles)) tables.set(angles, tableOf(g, angles, headDim));
    const [cos, sin] = [rotary.cos, rotary.sin].map((angles) => tables.get(angles)!);
    const timeFirst = beforeSwap(view.producer(rotary.x));
    writeRotary(g, { ...rotary, cos, sin, timeFirst, headDim }, node.output[0]);
    replaced.add(node);
  }
  graph.node = graph.node.filter((node) => !replaced.has(node));
}

/** Tables in the place of angles, and x before its heads came first. */
interface Turn extends Rotary {
  timeFirst?: string;
  headDim: number;
}

function writeRotary(g: GraphBuilder, turn: Turn, output: string): void {
  const { x, cos, sin, timeFirst, headDim } = turn;
  const turned = (rows: string, name?: string) =>
    g.node("RotaryEmbedding", [rows, g.ints(0), cos, sin], {}, { domain: contrib, output: name });
  if (timeFirst === undefined) turned(x, output);
  else {
    const packed = turned(g.node("Reshape", [timeFirst, g.ints(0, 0, -1)]));
    const apart = g.node("Reshape", [packed, g.ints(0, 0, -1, headDim)]);
    g.node("Transpose", [apart], { perm: [0, 2, 1, 3] }, { output });
  }
}

/** [S, headDim / 2] of the first row. */
function tableOf(g: GraphBuilder, angles: string, headDim: number): string {
  const bounds = [g.ints(0, 0), g.ints(1, headDim / 2), g.ints(0, 2)];
  return g.node("Squeeze", [g.node("Slice", [angles, ...bounds]), g.ints(0)]);
}

function rotaryOf(view: GraphView, node: NodeProto, headDim: number): Rotary | undefined {
  if (node.opType === "Add") return writtenRotary(view, node, headDim);
  return node.opType === "RotaryEmbedding" && node.domain === ""
    ? standardRotary(view, node)
    : undefined;
}

/** Of angles that are computed, one number for each pair. */
function standardRotary(view: GraphView, node: NodeProto): Rotary | undefined {
  const [x, ...angles] = node.input;
  const [cos, sin] = angles.map((value) => firstTwin(view, value));
  const isPlain = ["interleaved", "rotary_embedding_dim"].every(
    (name) => intAttribute(node, name, 0) === 0,
  );
  return isPlain && angles.length === 2 && cos && sin ? { x, cos, sin } : undefined;
}

/** The cosine or sine that an export computes first of the same angles: some do it for each node. */
function firstTwin(view: GraphView, value: string): string | undefined {
  const node = view.producer(value);
  if (node?.opType !== "Cos" && node?.opType !== "Sin") return undefined;
  const twin = view.consumers(node.input[0]).find(({ opType }) => opType === node.opType);
  return twin?.output[0];
}

function writtenRotary(view: GraphView, sum: NodeProto, headDim: number): Rotary | undefined {
  const [straight, turned] = sum.input.map((value) => view.producer(value));
  if (straight?.opType !== "Mul" || turned?.opType !== "Mul") return undefined;
  const [x] = straight.input;
  const rotated = view.producer(turned.input[0]);
  if (!isWholeHead(view, x, headDim)) return undefined;
  if (!rotated || !turnsHalves(view, rotated, x, headDim)) return undefined;
  const cos = anglesOf(view, straight.input[1], "Cos");
  const sin = anglesOf(view, turned.input[1], "Sin");
  return cos && sin ? { x, cos, sin } : undefined;
}

/** Whether rows are turned over their whole width, and not a part of it as in Phi. */
function isWholeHead(view: GraphView, x: string, headDim: number): boolean {
  const split = view.producer(view.source(x, "Transpose", "SimplifiedLayerNormalization", "Cast"));
  const dims = split?.opType === "Reshape" ? view.producer(split.input[1]) : undefined;
  return dims?.opType === "Concat" && view.scalar(dims.input.at(-1) ?? "") === headDim;
}

/** Whether a node is Concat(−second half of x, first half of x). */
function turnsHalves(view: GraphView, { opType, input }: NodeProto, x: string, headDim: number) {
  const [negated, first] = input.map((value) => view.producer(value));
  if (opType !== "Concat" || input.length !== 2 || negated?.opType !== "Neg") return false;
  const second = view.producer(negated.input[0]);
  if (!first || !second || !isPartOf(view, first, x) || !isPartOf(view, second, x)) return false;
  const isHalf = (value: string) =>
    view.scalar(value) === headDim / 2 || isHalvedWidth(view, value, x);
  return view.scalar(first.input[1]) === 0 && isHalf(first.input[2]) && isHalf(second.input[1]);
}

const lastOfFour: (number | undefined)[] = [3, -1];

/** Whether a node takes a part of x along its last axis. */
function isPartOf(view: GraphView, { opType, input }: NodeProto, x: string): boolean {
  return opType === "Slice" && input[0] === x && lastOfFour.includes(view.scalar(input[3] ?? ""));
}

/** Whether a number is the last size of x, divided by 2. */
function isHalvedWidth(view: GraphView, value: string, x: string): boolean {
  const half = view.producer(view.source(value, "Unsqueeze", "Cast"));
  if (half?.opType !== "Div" || view.scalar(half.input[1]) !== 2) return false;
  const size = view.producer(half.input[0]);
  const isLast = size?.opType === "Gather" && lastOfFour.includes(view.scalar(size.input[1]));
  const shape = isLast ? view.producer(size.input[0]) : undefined;
  return shape?.opType === "Shape" && shape.input[0] === x;
}

/** [B, S, headDim] behind its Unsqueeze for the heads: the cosine, or sine, of angles written twice. */
function anglesOf(view: GraphView, value: string, wave: "Cos" | "Sin"): string | undefined {
  const perHead = view.producer(value);
  if (perHead?.opType !== "Unsqueeze" || view.scalar(perHead.input[1]) !== 1) return undefined;
  let node = view.producer(view.source(perHead.input[0], "Cast"));
  if (node?.opType === "Mul" && view.scalar(node.input[1]) !== undefined)
    node = view.producer(view.source(node.input[0], "Cast"));
  const twice = node?.opType === wave ? view.producer(node.input[0]) : undefined;
  const [once, again] = twice?.input ?? [];
  const isTwice = twice?.opType === "Concat" && twice.input.length === 2 && once === again;
  return isTwice ? perHead.input[0] : undefined;
}
