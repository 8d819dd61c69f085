import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, type TensorProto } from "../proto/onnx_pb";

/** Bytes that the weights of a rewritten graph take in memory, inside the graph and beside it. */
export function weightBytes(graph: Uint8Array): number {
  const initializers = fromBinary(ModelProtoSchema, graph).graph?.initializer ?? [];
  return initializers.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
}

function bytesOf({ externalData, rawData }: TensorProto): number {
  const length = externalData.find(({ key }) => key === "length");
  return length ? Number(length.value) : rawData.byteLength;
}
