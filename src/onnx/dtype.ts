/** The weights' type, as a person would name it. */
import { intAttribute } from "./graphView";
import { TensorProto_DataType as DataType, type GraphProto, type NodeProto } from "./proto/onnx_pb";

/** int4 and int8 where any product is so, else fp16 or fp32, whichever most weights are. */
export function dtypeOf(graph: GraphProto): string {
  const quantized = graph.node.map(quantizedType).filter((type) => type !== undefined);
  if (quantized.length > 0) return mostCommon(quantized);
  const half = graph.initializer.filter(({ dataType }) => dataType === DataType.FLOAT16);
  const single = graph.initializer.filter(({ dataType }) => dataType === DataType.FLOAT);
  return half.length > single.length ? "fp16" : "fp32";
}

function quantizedType(node: NodeProto): string | undefined {
  switch (node.opType) {
    case "MatMulNBits":
      return `int${intAttribute(node, "bits", 4)}`;
    case "MatMulBnb4":
      return "bnb4";
    case "MatMulInteger":
    case "QLinearMatMul":
      return "int8";
    default:
      return undefined;
  }
}

function mostCommon(names: string[]): string {
  const count = (name: string) => names.filter((other) => other === name).length;
  return [...new Set(names)].sort((a, b) => count(b) - count(a))[0];
}
