/** A model's products with int4 weights, as quantizers write them that nobody tells an accuracy level. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { GraphBuilder } from "../../src/onnx/graph/graphBuilder";
import {
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  type TensorProto,
} from "../../src/onnx/proto/onnx_pb";

const blockSize = 32;
const domain = "com.microsoft";

/** Bytes of a float32 model with inline weights in, bytes of the int4 model out. */
export function int4Model(bytes: Uint8Array): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  const { graph } = model;
  if (!graph) throw new RangeError("These bytes hold no graph.");
  const g = new GraphBuilder(graph, "int4/");
  const weights = new Map(graph.initializer.map((weight) => [weight.name, weight]));
  const replaced = new Set<TensorProto>();
  const nodes = graph.node;
  graph.node = [];
  for (const node of nodes) {
    const weight = weights.get(node.input[1] ?? "");
    if (node.opType !== "MatMul" || weight?.dims.length !== 2) graph.node.push(node);
    else {
      product(g, node.input[0], weight, node.output[0]);
      replaced.add(weight);
    }
  }
  if (replaced.size === 0) throw new RangeError("The model has no product to quantize.");
  graph.initializer = graph.initializer.filter((weight) => !replaced.has(weight));
  model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain, version: 1n }));
  return toBinary(ModelProtoSchema, model);
}

/** x [.., K] times a weight [K, N]. */
function product(g: GraphBuilder, x: string, weight: TensorProto, output: string): void {
  const [K, N] = weight.dims.map(Number);
  const { quarters, scales } = quantized(
    new Float32Array(new Uint8Array(weight.rawData).buffer),
    K,
    N,
  );
  const blocks = K / blockSize;
  const inputs = [
    x,
    g.constant(quarters, [N, blocks, blockSize / 2]),
    g.constant(scales, [N * blocks]),
  ];
  g.node("MatMulNBits", inputs, { K, N, bits: 4, block_size: blockSize }, { domain, output });
}

/** Column by column, block by block: the number farthest from 0 becomes −8 scales, 8 stands for 0. */
function quantized(values: Float32Array, K: number, N: number) {
  if (values.length !== K * N || K % blockSize !== 0)
    throw new RangeError(`A weight of ${K} × ${N} does not fall into blocks of ${blockSize}.`);
  const quarters = new Uint8Array((N * K) / 2);
  const scales = new Float32Array((N * K) / blockSize);
  for (let column = 0; column < N; column++)
    for (let start = 0; start < K; start += blockSize) {
      const at = (row: number) => values[(start + row) * N + column];
      let farthest = 0;
      for (let row = 0; row < blockSize; row++)
        if (Math.abs(at(row)) > Math.abs(farthest)) farthest = at(row);
      const scale = farthest / -8;
      const first = column * K + start;
      scales[first / blockSize] = scale;
      for (let row = 0; row < blockSize; row++) {
        const quarter = scale === 0 ? 8 : Math.min(15, Math.round(at(row) / scale) + 8);
        quarters[(first + row) >> 1] |= quarter << (row % 2 === 0 ? 0 : 4);
      }
    }
  return { quarters, scales };
}
