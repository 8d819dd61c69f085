/** The weights' type, as a person would name it. */
import { intAttribute } from "./graphView";
import {
  TensorProto_DataType as DataType,
  type GraphProto,
  type NodeProto,
  type TensorProto,
} from "../proto/onnx_pb";

/** int4 and int8 where any product is so, else fp16 or fp32, whichever most weights are. */
export function dtypeOf(graph: GraphProto): string {
  const quantized = graph.node.map(quantizedType).filter((type) => type !== undefined);
  if (quantized.length > 0) return mostCommon(quantized);
  const count = (type: DataType) => graph.initializer.filter((t) => isOf(t, type)).length;
  return count(DataType.FLOAT16) > count(DataType.FLOAT) ? "fp16" : "fp32";
}

function isOf({ dataType }: TensorProto, type: number): boolean {
  return dataType === type;
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
