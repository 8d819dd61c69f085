/**
 * Rotary by position: rotates rows with the export's own tables, indexed by place in the text.
 * Two-table rotary (LongRoPE) switches by position as well, where exports ask the cache length.
 */
import type { Export } from "./attentionSite";
import type { Attribute } from "../graph/graphBuilder";
import { attribute, nodeLabel } from "../graph/graphView";
import { refuse } from "../modelRefused";
import type { GraphProto, NodeProto, TensorProto } from "../proto/onnx_pb";

/** Where a rotary node finds its angles. */
export interface RotaryTables {
  /** Values of [rows, width], and the rows of it to take, [B, S]. */
  cos: string;
  sin: string;
  index: string;
  /** Numbers rotated per head, halved. */
  width: number;
  /** Positions that the tables reach. */
  rows: number;
  plain: boolean;
}

/** The tables that a node names at these inputs. */
export function rotaryTables(
  from: Export,
  node: NodeProto,
  cos: string,
  sin: string,
): RotaryTables {
  const { view, positions } = from;
  const dims = view.weightDims(cos);
  if (dims) return { cos, sin, index: positions, width: dims[1], rows: dims[0], plain: true };
  const chooser = view.producer(cos);
  if (chooser?.opType !== "If" || chooser !== view.producer(sin))
    return refuse(
      `${nodeLabel(node)} takes its rotary table from a node that is not understood`,
      "export the model with a newer onnxruntime-genai or optimum",
    );
  return switchedTables(from, chooser, [cos, sin]);
}

/** Rotates packed rows [B, S, heads·D]. */
export function rotate(
  from: Export,
  rows: string,
  { cos, sin, index, width }: RotaryTables,
  { heads, headDim, interleaved }: { heads: number; headDim: number; interleaved: number },
): string {
  const attributes: Record<string, Attribute> = { interleaved };
  if (2 * width < headDim)
    Object.assign(attributes, { num_heads: heads, rotary_embedding_dim: 2 * width });
  const inputs = [rows, index, cos, sin];
  return from.builder.node("RotaryEmbedding", inputs, attributes, { domain: "com.microsoft" });
}

const switches = new WeakMap<NodeProto, RotaryTables>();

/** The small table up to the original context, the large one as soon as a position is beyond it. */
function switchedTables(from: Export, chooser: NodeProto, names: [string, string]): RotaryTables {
  const known = switches.get(chooser);
  if (known) return known;
  const { builder: g, positions } = from;
  const length = originalContext(from, chooser);
  const branch = (name: string) => attribute(chooser, name)?.g;
  const table = (name: string, output: string) =>
    constantOf(branch(name), chooser.output.indexOf(output), chooser);

  const beyond = g.node("Greater", [
    g.node("ReduceMax", [positions], { keepdims: 0 }),
    g.int(length - 1),
  ]);
  const flat = g.node("Reshape", [positions, g.ints(-1)]);
  const inSmall = g.node("Min", [flat, g.int(length - 1)]);
  const rowsOf = (output: string) =>
    g.node("Where", [
      beyond,
      g.node("Gather", [g.weight(table("then_branch", output)), flat], { axis: 0 }),
      g.node("Gather", [g.weight(table("else_branch", output)), inSmall], { axis: 0 }),
    ]);
  const count = g.node("Size", [positions]);
  const index = g.node("Reshape", [
    g.node("Range", [g.int(0), count, g.int(1)]),
    g.node("Shape", [positions]),
  ]);
  const [rows, width] = table("then_branch", names[0]).dims.map(Number);
  const [cos, sin] = names.map(rowsOf);
  const tables = { cos, sin, index, width, rows, plain: false };
  switches.set(chooser, tables);
  return tables;
}

/** The place in the text from which on the large table holds. */
function originalContext({ view }: Export, chooser: NodeProto): number {
  const condition = view.producer(chooser.input[0]);
  const length = condition?.opType === "Greater" ? view.scalar(condition.input[1]) : undefined;
  if (length === undefined || !(length > 0))
    return refuse(
      `${nodeLabel(chooser)} switches the rotary table by a condition that is not understood`,
      "export the model with a newer onnxruntime-genai",
    );
  return length;
}

function constantOf(body: GraphProto | undefined, output: number, chooser: NodeProto): TensorProto {
  const name = body?.output.at(output)?.name;
  const node = body?.node.find((n) => n.opType === "Constant" && n.output[0] === name);
  const tensor = node ? attribute(node, "value")?.t : undefined;
  const inner = tensor ?? body?.initializer.find((t) => t.name === name);
  if (inner?.dims.length === 2) return inner;
  return refuse(
    `${nodeLabel(chooser)} holds a rotary table that is not a constant`,
    "export the model with a newer onnxruntime-genai",
  );
}

/** Whether a RotaryEmbedding node of the export turns by the given positions and nothing else. */
export function turnsPlainly({ view, positions }: Export, node: NodeProto): boolean {
  return view.source(node.input[1], "Reshape", "Cast", "Identity") === positions;
}
