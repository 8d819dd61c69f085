/**
 * Writes ONNX graphs from TypeScript: each call adds one node, input or constant and returns the
 * name of its value, so that a graph reads like the formula it computes.
 *
 *   const g = new GraphBuilder();
 *   const x = g.input("x", "float32", ["batch", 64]);
 *   g.output(g.node("Softmax", [g.node("Mul", [x, g.float(0.125)])], { axis: -1 }), "y", "float32", ["batch", 64]);
 *   const bytes = g.build();
 */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type GraphProto,
  type TensorProto,
  type ValueInfoProto,
} from "../proto/onnx_pb";

const dataTypes = {
  float32: DataType.FLOAT,
  float16: DataType.FLOAT16,
  int64: DataType.INT64,
  int32: DataType.INT32,
  int8: DataType.INT8,
  uint8: DataType.UINT8,
  bool: DataType.BOOL,
} satisfies Record<string, DataType>;

export type ElementType = keyof typeof dataTypes;

/** The number that stands for a type in ONNX files. */
export function dataTypeOf(type: ElementType): DataType {
  return dataTypes[type];
}

/** A number is a fixed size, a word a symbolic one. */
export type Dim = number | string;

/** Values of a tensor, row by row; a Uint16Array holds float16 bits. */
export type TensorData =
  Float32Array | BigInt64Array | Int32Array | Int8Array | Uint16Array | Uint8Array;

/** Whole numbers are ONNX ints; a float is wrapped, because 1 could be either. */
export type Attribute =
  number | number[] | string | { float: number } | { floats: number[] } | TensorProto | GraphProto;

export interface NodeOptions {
  /** Empty is ai.onnx; “com.microsoft” holds the contributed operators. */
  domain?: string;
  /** Name of the only output; a fresh name without it. */
  output?: string;
}

/** Opset 21 and IR 10 are what onnxruntime 1.30 knows in full and current exporters write. */
const defaultVersions = { opset: 21, irVersion: 10 };

export class GraphBuilder {
  private taken = new Set<string>();
  private readonly constants = new Map<string, string>();
  private counter = 0;

  /** Continues a given graph, or starts one. Fresh names begin with `prefix` and are the graph's only such. */
  constructor(
    readonly graph: GraphProto = create(GraphProtoSchema, { name: "graph" }),
    private readonly prefix = "",
  ) {
    for (const value of [...graph.input, ...graph.output, ...graph.initializer])
      this.taken.add(value.name);
    for (const node of graph.node) for (const name of node.output) this.taken.add(name);
  }

  /**
   * A builder for the body of a Loop or If of this graph: its names are taken here too, because a
   * body sees the values around it. Its `graph` is the node's attribute.
   */
  body(name: string): GraphBuilder {
    const body = new GraphBuilder(create(GraphProtoSchema, { name }));
    body.taken = this.taken;
    return body;
  }

  /** Declares a graph input and returns its name. */
  input(name: string, type: ElementType, dims: readonly Dim[]): string {
    this.claim(name);
    this.graph.input.push(valueInfo(name, type, dims));
    return name;
  }

  hasInput(name: string): boolean {
    return this.graph.input.some((input) => input.name === name);
  }

  /** Makes a value a graph output called `name`, through an Identity unless it has that name already. */
  output(value: string, name: string, type: ElementType, dims: readonly Dim[]): void {
    if (value !== name) this.node("Identity", [value], {}, { output: name });
    this.graph.output.push(valueInfo(name, type, dims));
  }

  /** Adds a constant; the shape is that of a vector unless given. */
  constant(data: TensorData, dims: readonly number[] = [data.length], type?: ElementType): string {
    const name = this.fresh("constant");
    this.graph.initializer.push(tensor(data, dims, type, name));
    return name;
  }

  /** Adds a tensor that exists already, under a name of its own. */
  weight(given: TensorProto): string {
    const name = this.fresh("weight");
    this.graph.initializer.push(Object.assign(create(TensorProtoSchema), given, { name }));
    return name;
  }

  /** A float32 scalar. */
  float(value: number): string {
    return this.shared(`float ${value}`, () => this.constant(Float32Array.of(value), []));
  }

  /** An int64 scalar. */
  int(value: number): string {
    return this.shared(`int ${value}`, () => this.constant(BigInt64Array.of(BigInt(value)), []));
  }

  /** An int64 vector: a shape, axes, split sizes. */
  ints(...values: number[]): string {
    const make = () => this.constant(BigInt64Array.from(values, BigInt));
    return this.shared(`ints ${values.join()}`, make);
  }

  /** Adds a node with one output. An omitted optional input is the empty name. */
  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    { domain = "", output = this.fresh(op) }: NodeOptions = {},
  ): string {
    this.nodes(op, inputs, [output], attributes, domain);
    return output;
  }

  /** Adds a node with several outputs, named or counted. */
  nodes(
    op: string,
    inputs: readonly string[],
    outputs: number | readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = "",
  ): string[] {
    const names =
      typeof outputs === "number"
        ? Array.from({ length: outputs }, () => this.fresh(op))
        : [...outputs];
    for (const name of names) this.taken.add(name);
    this.graph.node.push(
      create(NodeProtoSchema, {
        name: `${this.prefix}${op}/${names[0]}`,
        opType: op,
        domain,
        input: [...inputs],
        output: names,
        attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      }),
    );
    return names;
  }

  /** The value as another type, by a node even where it has that type already. */
  cast(value: string, type: ElementType): string {
    return this.node("Cast", [value], { to: dataTypes[type] });
  }

  /** A name that no value of this graph has. */
  fresh(hint: string): string {
    let name: string;
    do name = `${this.prefix}${hint}_${this.counter++}`;
    while (this.taken.has(name));
    this.taken.add(name);
    return name;
  }

  /** The model file's bytes. */
  build({ opset, irVersion } = defaultVersions): Uint8Array {
    const model = create(ModelProtoSchema, {
      irVersion: BigInt(irVersion),
      producerName: "rkv-lens",
      opsetImport: [
        { domain: "", version: BigInt(opset) },
        { domain: "com.microsoft", version: 1n },
      ],
      graph: this.graph,
    });
    return toBinary(ModelProtoSchema, model);
  }

  private shared(key: string, make: () => string): string {
    const name = this.constants.get(key) ?? make();
    this.constants.set(key, name);
    return name;
  }

  private claim(name: string): void {
    if (this.taken.has(name)) throw new Error(`Two values of the graph are called “${name}”.`);
    this.taken.add(name);
  }
}

/** A tensor with its data inline. Uint16Array holds float16 bits. */
export function tensor(
  data: TensorData,
  dims: readonly number[],
  type: ElementType = naturalType(data),
  name = "",
): TensorProto {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return create(TensorProtoSchema, {
    name,
    dims: dims.map(BigInt),
    dataType: dataTypes[type],
    rawData,
  });
}

/** What a graph says of an input or output: its name, type and sizes. */
export function valueInfo(name: string, type: ElementType, dims: readonly Dim[]): ValueInfoProto {
  const dim = dims.map((size) => ({
    value:
      typeof size === "number"
        ? { case: "dimValue" as const, value: BigInt(size) }
        : { case: "dimParam" as const, value: size },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: "tensorType", value: { elemType: dataTypes[type], shape: { dim } } } },
  });
}

function attribute(name: string, value: Attribute): AttributeProto {
  return create(AttributeProtoSchema, { name, ...attributeValue(value) });
}

function attributeValue(value: Attribute) {
  if (typeof value === "number") return { type: AttributeType.INT, i: BigInt(value) };
  if (typeof value === "string")
    return { type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if (Array.isArray(value)) return { type: AttributeType.INTS, ints: value.map(BigInt) };
  if ("float" in value) return { type: AttributeType.FLOAT, f: value.float };
  if ("node" in value) return { type: AttributeType.GRAPH, g: value };
  if ("floats" in value) return { type: AttributeType.FLOATS, floats: value.floats };
  return { type: AttributeType.TENSOR, t: value };
}

function naturalType(data: TensorData): ElementType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof BigInt64Array) return "int64";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof Int8Array) return "int8";
  if (data instanceof Uint16Array) return "float16";
  return "uint8";
}
