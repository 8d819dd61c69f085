/**
 * Quantized operators against their weights. Their kernels take sizes from attributes, and check
 * them against the weights' own only in part: what does not fit is read past the end, or divided by.
 */
import { intAttribute, nodeLabel, type GraphView } from "../graph/graphView";
import { refuse } from "../modelRefused";
import {
  TensorProto_DataType as DataType,
  type NodeProto,
  type TensorProto,
} from "../proto/onnx_pb";
import { tensorBytes } from "../graph/tensorData";

/** Throws ModelRefused at the first operator whose attributes and weights say different things. */
export function refuseUnlikeWeights(view: GraphView): void {
  for (const node of view.graph.node) checks.get(node.opType)?.(new Quantized(view, node));
}

/** By operator; places of inputs as onnxruntime 1.30 defines them. */
const checks = new Map<string, (node: Quantized) => void>(
  Object.entries({
    MatMulNBits: (node: Quantized) => {
      const [k, n, bits, block] = [
        node.count("K"),
        node.count("N"),
        node.bits("bits"),
        node.block(),
      ];
      node.within("accuracy_level", 0, 4);
      const blocks = Math.ceil(k / block);
      node.holdsBytes(1, "weights", n * blocks * Math.ceil((block * bits) / 8));
      node.holds(2, "scales", n * blocks);
      node.holdsZeroPoints(3, n, blocks, bits);
      node.holds(4, "group indices", k, blocks * block);
      node.holds(5, "biases", n);
    },
    MatMulBnb4: (node: Quantized) => {
      const [k, n, block] = [node.count("K"), node.count("N"), node.block()];
      node.within("quant_type", 0, 1);
      node.holdsBytes(1, "weights", Math.ceil((n * k) / 2));
      node.holds(2, "scales", Math.ceil((n * k) / block));
    },
    GatherBlockQuantized: (node: Quantized) => {
      const [bits, block] = [node.bits("bits"), node.block(128)];
      const { rows, blocks } = node.rowsOfScales(2);
      const elements = (node.bytesOf(0, "weights") * 8) / bits;
      if (Math.ceil(elements / rows / block) !== blocks || elements % rows !== 0)
        node.refuse(
          `${elements} weights and scales for ${rows} rows of ${blocks} blocks of ${block}`,
        );
      node.holdsZeroPoints(3, rows, blocks, bits);
    },
    QMoE: (node: Quantized) => {
      const bits = node.bits("expert_weight_bits");
      for (const place of [2, 5, 8]) if (node.has(place)) node.expertsFit(place, bits);
    },
  }),
);

class Quantized {
  constructor(
    private readonly view: GraphView,
    private readonly node: NodeProto,
  ) {}

  refuse(what: string): never {
    return refuse(`${nodeLabel(this.node)} has ${what}`, "download the model again");
  }

  has(place: number): boolean {
    return Boolean(this.node.input[place]);
  }

  /** An attribute that counts something. */
  count(name: string): number {
    return this.within(name, 1, 2 ** 31 - 1, NaN);
  }

  bits(name: string): number {
    return this.within(name, 2, 8, 4);
  }

  /** Weights that share a scale. */
  block(otherwise = NaN): number {
    const block = this.within("block_size", 16, 2 ** 16, otherwise);
    if (!Number.isInteger(Math.log2(block))) this.refuse(`a block_size of ${block}`);
    return block;
  }

  within(name: string, least: number, most: number, otherwise = least): number {
    const value = intAttribute(this.node, name, otherwise);
    if (!(value >= least && value <= most))
      this.refuse(`${name} ${value} where ${least} to ${most} would be right`);
    return value;
  }

  bytesOf(place: number, what: string): number {
    return tensorBytes(this.weight(place, what)) ?? 0;
  }

  holdsBytes(place: number, what: string, bytes: number): void {
    const found = this.bytesOf(place, what);
    if (found !== bytes)
      this.refuse(`${what} of ${found} bytes where its attributes ask for ${bytes}`);
  }

  /** Absent, or one of these numbers of elements. */
  holds(place: number, what: string, ...counts: number[]): void {
    if (!this.has(place)) return;
    const found = elementsOf(this.weight(place, what));
    if (!counts.includes(found))
      this.refuse(`${found} ${what} where its attributes ask for ${counts[0]}`);
  }

  /** Absent, or packed as the weights are, or one element for each scale. */
  holdsZeroPoints(place: number, rows: number, blocks: number, bits: number): void {
    if (!this.has(place)) return;
    const tensor = this.weight(place, "zero points");
    const isPacked = [DataType.UINT8, DataType.INT8].includes(tensor.dataType);
    const wanted = isPacked ? rows * Math.ceil((blocks * bits) / 8) : rows * blocks;
    if (elementsOf(tensor) !== wanted)
      this.refuse(`${elementsOf(tensor)} zero points where its scales ask for ${wanted}`);
  }

  /** The scales lie in rows along the axis that is quantized. */
  rowsOfScales(place: number): { rows: number; blocks: number } {
    const dims = this.weight(place, "scales").dims.map(Number);
    const axis = this.within("quantize_axis", -dims.length, dims.length - 1, 1);
    const blocks = dims.at(axis) ?? 0;
    const rows = dims.reduce((product, dim) => product * dim, 1) / blocks;
    if (!(blocks > 0 && rows > 0)) this.refuse("no scales");
    if (dims.at(this.within("gather_axis", -dims.length, dims.length - 1, 0)) === undefined)
      this.refuse("an axis that it does not have");
    return { rows, blocks };
  }

  /** [experts, rows, bytes] with scales [experts, rows] or [experts, rows, blocks]. */
  expertsFit(place: number, bits: number): void {
    const weights = this.weight(place, "weights").dims.map(Number);
    const scales = this.weight(place + 1, "scales").dims.map(Number);
    const [experts, rows, bytes] = weights;
    const width = (bytes * 8) / bits;
    const blocks = scales.length === 3 ? Math.ceil(width / this.block()) : 1;
    const fits = weights.length === 3 && scales[0] === experts && scales[1] === rows;
    if (!fits || (scales.at(2) ?? 1) !== blocks || !(experts >= this.within("k", 1, 2 ** 16)))
      this.refuse(`weights [${weights.join()}] and scales [${scales.join()}]`);
  }

  /** What a weight is made of before it is given another shape. */
  private weight(place: number, what: string): TensorProto {
    const name = this.view.source(this.node.input[place] ?? "", "Reshape", "Identity");
    const tensor = this.view.constant(name);
    return tensor ?? this.refuse(`${what} that are computed, or none`);
  }
}

function elementsOf({ dims }: TensorProto): number {
  return dims.reduce((product, dim) => product * Number(dim), 1);
}
