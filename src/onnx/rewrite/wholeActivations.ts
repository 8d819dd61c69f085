/**
 * int4 products on WebGPU: onnxruntime 1.30 obeys an accuracy_level of 4 there by a program of its
 * own that rounds float32 activations to 8 bits, before a second one multiplies. Without the level
 * one program does both, and exactly. Products in float16 are left as their maker set them.
 */
import type { GraphView } from "../graph/graphView";
import { TensorProto_DataType as DataType } from "../proto/onnx_pb";

/** Lets products of float32 activations take them as they are. */
export function keepActivationsWhole(view: GraphView): void {
  for (const node of view.graph.node) {
    const scales = 2;
    const isFloat32 = view.constant(node.input[scales] ?? "")?.dataType === DataType.FLOAT;
    if (node.opType === "MatMulNBits" && isFloat32)
      node.attribute = node.attribute.filter(({ name }) => name !== "accuracy_level");
  }
}
