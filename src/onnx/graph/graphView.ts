/** Looks around in a graph: who makes a value, who reads it, what is constant, what shape it has. */
import {
  AttributeProto_AttributeType as AttributeType,
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "../proto/onnx_pb";
import { scalarOf } from "./tensorData";

export class GraphView {
  private readonly producers = new Map<string, NodeProto>();
  private readonly readers = new Map<string, NodeProto[]>();
  private readonly initializers = new Map<string, TensorProto>();
  private readonly inputs = new Map<string, ValueInfoProto>();

  /** A snapshot: nodes added to the graph later are not seen. */
  constructor(readonly graph: GraphProto) {
    for (const tensor of graph.initializer) this.initializers.set(tensor.name, tensor);
    for (const input of graph.input)
      if (!this.initializers.has(input.name)) this.inputs.set(input.name, input);
    for (const node of graph.node) {
      for (const name of node.output) if (name) this.producers.set(name, node);
      for (const name of valuesReadBy(node))
        this.readers.set(name, [...(this.readers.get(name) ?? []), node]);
    }
  }

  /** The node that makes a value; undefined for inputs, weights and what nothing makes. */
  producer(value: string): NodeProto | undefined {
    return this.producers.get(value);
  }

  /** The nodes that read a value, also where only a body of theirs does; in the order of the graph. */
  consumers(value: string): readonly NodeProto[] {
    return this.readers.get(value) ?? [];
  }

  /** A graph input that is fed at each run. */
  input(name: string): ValueInfoProto | undefined {
    return this.inputs.get(name);
  }

  /** The value that this one repeats, seen through nodes of these kinds. */
  source(value: string, ...ops: readonly string[]): string {
    let name = value;
    for (let hops = 0; hops < 16; hops++) {
      const node = this.producers.get(name);
      if (!node || !ops.includes(node.opType) || !node.input[0]) break;
      name = node.input[0];
    }
    return name;
  }

  /** The weight or constant behind a value, through Identity. */
  constant(value: string): TensorProto | undefined {
    const name = this.source(value, "Identity");
    const node = this.producers.get(name);
    if (node?.opType === "Constant") return attribute(node, "value")?.t;
    return this.initializers.get(name);
  }

  /** The number behind a constant of one element, with casts and arithmetic on constants folded. */
  scalar(value: string, depth = 0): number | undefined {
    const tensor = this.constant(value);
    if (tensor) return scalarOf(tensor);
    const node = this.producers.get(value);
    if (!node || depth > 8) return undefined;
    if (node.opType === "Constant")
      return attribute(node, "value_float")?.f ?? Number(attribute(node, "value_int")?.i);
    const [a, b] = node.input.slice(0, 2).map((name) => this.scalar(name, depth + 1));
    return a === undefined ? undefined : fold(node.opType, a, b);
  }

  /** Sizes of a weight, as far as transposing and unpacking leave them known. */
  weightDims(value: string): number[] | undefined {
    const tensor = this.constant(value);
    if (tensor) return tensor.dims.map(Number);
    const node = this.producers.get(value);
    if (node?.opType === "Transpose") return this.weightDims(node.input[0])?.toReversed();
    if (node?.opType === "DequantizeLinear" || node?.opType === "Cast")
      return this.weightDims(node.input[0]);
    return undefined;
  }
}

function fold(op: string, a: number, b?: number): number | undefined {
  if (["Cast", "Identity", "Squeeze", "Unsqueeze", "Reshape"].includes(op)) return a;
  if (op === "Sqrt") return Math.sqrt(a);
  if (op === "Reciprocal") return 1 / a;
  if (op === "Neg") return -a;
  if (b === undefined) return undefined;
  if (op === "Mul") return a * b;
  if (op === "Div") return a / b;
  return op === "Pow" ? a ** b : undefined;
}

/** Undefined where the node does not have it. */
export function attribute(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((a) => a.name === name);
}

/** `otherwise` where the node does not have it, or not as an int. */
export function intAttribute(node: NodeProto, name: string, otherwise: number): number {
  const found = attribute(node, name);
  return found?.type === AttributeType.INT ? Number(found.i) : otherwise;
}

/** `otherwise` where the node does not have it, or not as a float. */
export function floatAttribute(node: NodeProto, name: string, otherwise: number): number {
  const found = attribute(node, name);
  return found?.type === AttributeType.FLOAT ? found.f : otherwise;
}

/** What a Transpose that swaps the places of heads and tokens is made from; undefined for other nodes. */
export function beforeSwap(node: NodeProto | undefined): string | undefined {
  const perm = node?.opType === "Transpose" ? attribute(node, "perm")?.ints : undefined;
  return perm?.join() === "0,2,1,3" ? node?.input[0] : undefined;
}

/** What errors call a node. */
export function nodeLabel(node: NodeProto): string {
  return `Node “${node.name || node.output[0]}” (${node.opType})`;
}

/** The bodies of an If, Loop or Scan. */
export function bodies(node: NodeProto): GraphProto[] {
  return node.attribute.flatMap((a) => (a.g ? [a.g, ...a.graphs] : a.graphs));
}

/** Names a node reads, those that its bodies take from around it included. */
export function valuesReadBy(node: NodeProto): string[] {
  const own = node.input.filter((name) => name !== "");
  return [...own, ...bodies(node).flatMap(valuesTakenFromAround)];
}

function valuesTakenFromAround(body: GraphProto): string[] {
  const inside = new Set([...body.input, ...body.initializer].map(({ name }) => name));
  for (const node of body.node) for (const name of node.output) inside.add(name);
  const read = [...body.node.flatMap(valuesReadBy), ...body.output.map(({ name }) => name)];
  return read.filter((name) => !inside.has(name));
}
