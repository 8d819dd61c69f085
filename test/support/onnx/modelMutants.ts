/** Damaged and hostile model folders, made from small whole exports. */
import { existsSync, readFileSync } from "node:fs";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  SparseTensorProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation as DataLocation,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
} from "../../../src/onnx/proto/onnx_pb";
import { allNodes, allTensors } from "../../../src/onnx/graph/walk";
import type { Random } from "../../../src/shared/random";
import { tinyExport, type TinyForm } from "./tinyExports";

/** A model file and its weights file, where it has one. */
export interface ModelBytes {
  model: Uint8Array;
  weights?: Uint8Array;
}

/** Of each pattern and each kind of quantized node one. */
const exportFolders = [
  ...[
    "optimum-qwen2",
    "optimum-qwen2-dyn23",
    "genai-qwen3-int4-webgpu",
    "genai-qwen2tied-int4-cpu",
  ],
  ...["genai-phi3-int4-cpu", "genai-gemma3-int4-cpu", "genai-llama-fp32-cpu"],
];
const forms: TinyForm[] = ["sinks", "casts", "multi-head", "late norms", "no rotary"];

function wholeModels(): ModelBytes[] {
  const exports = exportFolders.map((name) => {
    const file = `test/fixtures/exports/${name}/model.onnx`;
    const weights = `${file}.data`;
    return {
      model: readFileSync(file),
      weights: existsSync(weights) ? readFileSync(weights) : undefined,
    };
  });
  return [...exports, ...forms.map((form) => ({ model: tinyExport(form) }))];
}

/** Draws: a whole number below a limit, one of several, a number that a size may be mistaken for. */
class Chance {
  constructor(private readonly random: Random) {}

  below(limit: number): number {
    return Math.floor(this.random.next() * limit);
  }

  one<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }

  /** Near what it was, at an edge, or anything. */
  size(was: bigint): bigint {
    const edges = [0n, 1n, -1n, 2n, 7n, 1n << 15n, 1n << 31n, 1n << 40n, (1n << 63n) - 1n];
    const near = [was + 1n, was - 1n, was * 2n, was / 2n, was * 64n, -was];
    return BigInt.asIntN(64, this.one([...edges, ...near, BigInt(this.below(1 << 20))]));
  }
}

type Edit = (graph: GraphProto, chance: Chance) => void;

const edits: Record<string, Edit> = {
  attribute: (graph, chance) => {
    const attributes = [...allNodes(graph)].flatMap(({ attribute }) => attribute);
    const drawn = chance.one(attributes);
    if (chance.below(12) === 0) drawn.type = chance.below(12);
    else if (drawn.type === AttributeType.INT) drawn.i = chance.size(drawn.i);
    else if (drawn.type === AttributeType.FLOAT) drawn.f = chance.one([0, -1, NaN, 1e30, -1e30]);
    else if (drawn.type === AttributeType.INTS && drawn.ints.length > 0)
      drawn.ints[chance.below(drawn.ints.length)] = chance.size(drawn.ints[0]);
    else drawn.name = "unknown";
  },
  dimension: (graph, chance) => {
    const { dims } = chance.one([...allTensors(graph)].filter((tensor) => tensor.dims.length > 0));
    const at = chance.below(dims.length);
    if (chance.below(4) === 0) dims.push(chance.size(1n));
    else dims[at] = chance.size(dims[at]);
  },
  "declared shape": (graph, chance) => {
    const values = [...graph.input, ...graph.output, ...graph.valueInfo];
    const type = chance.one(values).type?.value;
    const dims = type?.case === "tensorType" ? (type.value.shape?.dim ?? []) : [];
    if (dims.length === 0) return;
    const value = chance.size(64n);
    chance.one(dims).value = { case: "dimValue", value };
  },
  "element type": (graph, chance) => {
    chance.one([...allTensors(graph)]).dataType = chance.below(25);
  },
  constant: (graph, chance) => {
    const small = [...allTensors(graph)].filter(({ rawData }) => isSmall(rawData.length));
    const { rawData } = chance.one(small);
    const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
    if (rawData.length % 8 > 0) rawData[chance.below(rawData.length)] = chance.below(256);
    else view.setBigInt64(8 * chance.below(rawData.length / 8), chance.size(64n), true);
  },
  "external data": (graph, chance) => {
    const outside = [...allTensors(graph)].filter((tensor) => tensor.externalData.length > 0);
    if (outside.length === 0) return placeOutside(chance.one(graph.initializer), chance);
    const { externalData } = chance.one(outside);
    const entry = chance.one(externalData);
    if (entry.key !== "location") entry.value = String(chance.size(BigInt(entry.value)));
    else entry.value = chance.one(places);
    if (chance.below(3) === 0) externalData.push(create(StringStringEntryProtoSchema, entry));
  },
  "inputs of a node": (graph, chance) => {
    const [node, other] = [drawNode(graph, chance), drawNode(graph, chance)];
    if (node.input.length === 0) return;
    const at = chance.below(node.input.length);
    node.input[at] = chance.one(["", ...other.input, ...other.output, "nobody makes this"]);
  },
  operator: (graph, chance) => {
    const [node, other] = [drawNode(graph, chance), drawNode(graph, chance)];
    Object.assign(node, { opType: other.opType, domain: other.domain });
    if (chance.below(2) === 0) node.attribute = other.attribute;
  },
  "sparse weight": (graph, chance) => {
    const [values] = graph.initializer.splice(chance.below(graph.initializer.length), 1);
    const dims = [chance.size(64n), chance.size(64n)];
    graph.sparseInitializer.push(
      create(SparseTensorProtoSchema, { values, indices: values, dims }),
    );
  },
};

const places = ["../outside", "/etc/passwd", "/dev/zero", "", ".", "model.onnx", "gone", "a/../b"];

function isSmall(bytes: number): boolean {
  return bytes > 0 && bytes <= 64;
}

function drawNode(graph: GraphProto, chance: Chance): NodeProto {
  return chance.one([...allNodes(graph)]);
}

function placeOutside(tensor: TensorProto, chance: Chance): void {
  const entries = { location: chance.one(places), offset: "0", length: "64" };
  tensor.dataLocation = DataLocation.EXTERNAL;
  tensor.externalData = Object.entries(entries).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
}

const bitFlips = "bit flips";
const truncation = "truncation";
export const mutantKinds = [bitFlips, truncation, ...Object.keys(edits)];

export interface Mutant extends ModelBytes {
  kind: string;
}

/** A function that gives another mutant at each call, of each kind as often as of the others. */
export function modelMutants(random: Random): () => Mutant {
  const chance = new Chance(random);
  const wholes = wholeModels();
  return () => {
    const kind = chance.one(mutantKinds);
    return { kind, ...mutate(kind, chance.one(wholes), chance) };
  };
}

function mutate(kind: string, whole: ModelBytes, chance: Chance): ModelBytes {
  switch (kind) {
    case bitFlips:
      return { ...whole, model: flipped(whole.model, chance) };
    case truncation:
      return truncated(whole, chance);
    default:
      return { ...whole, model: edited(whole.model, edits[kind], chance) };
  }
}

function flipped(bytes: Uint8Array, chance: Chance): Uint8Array {
  const copy = Uint8Array.from(bytes);
  // The names and numbers of a graph come first or last; the weights between them matter little.
  const from = chance.one([0, Math.max(0, bytes.length - 20_000)]);
  const reach = Math.min(bytes.length - from, 20_000);
  for (let flips = 0; flips <= chance.below(4); flips++)
    copy[from + chance.below(reach)] ^= 1 << chance.below(8);
  return copy;
}

function truncated({ model, weights }: ModelBytes, chance: Chance): ModelBytes {
  if (weights && chance.below(2) === 0)
    return { model, weights: weights.subarray(0, chance.below(weights.length)) };
  return { model: model.subarray(0, chance.below(model.length)), weights };
}

/** One to three edits of a kind, so that some agree with each other. */
function edited(bytes: Uint8Array, edit: Edit, chance: Chance): Uint8Array {
  const model: ModelProto = fromBinary(ModelProtoSchema, Uint8Array.from(bytes));
  if (model.graph) for (let n = 0; n <= chance.below(3); n++) edit(model.graph, chance);
  return toBinary(ModelProtoSchema, model);
}
