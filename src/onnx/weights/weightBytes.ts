/** What a model's weights take, told before they are loaded. */
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "../proto/onnx_pb";
import { externalData } from "./weightFiles";

/** Bytes that the weights of a rewritten graph take in memory, inside the graph and beside it. */
export function weightBytes(graph: Uint8Array): number {
  const initializers = fromBinary(ModelProtoSchema, graph).graph?.initializer ?? [];
  const sizes = initializers.map((tensor) => externalData(tensor).length ?? tensor.rawData.length);
  return sizes.reduce((sum, size) => sum + size, 0);
}
