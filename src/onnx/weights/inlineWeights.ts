/** Weights stored inside a model file become references into that file: bytes on disk stay where they are. */
import { attribute } from "../graph/graphView";
import {
  TensorProto_DataLocation as DataLocation,
  type GraphProto,
  type TensorProto,
} from "../proto/onnx_pb";
import { modelFileItself, placeOutside } from "./weightFiles";

/** Smaller tensors stay in the graph: shape arithmetic reads them while the session is made. */
const largestInline = 1024;

/** `bytes` is the file that the graph was read from. */
export function referInlineWeights(graph: GraphProto, bytes: Uint8Array): void {
  liftLargeConstants(graph);
  for (const tensor of graph.initializer)
    if (tensor.rawData.byteLength > largestInline && tensor.rawData.buffer === bytes.buffer)
      refer(tensor, tensor.rawData.byteOffset - bytes.byteOffset);
}

function liftLargeConstants(graph: GraphProto): void {
  graph.node = graph.node.filter((node) => {
    const tensor = node.opType === "Constant" ? attribute(node, "value")?.t : undefined;
    const large =
      tensor !== undefined &&
      (tensor.rawData.byteLength > largestInline || tensor.dataLocation === DataLocation.EXTERNAL);
    if (large) graph.initializer.push(Object.assign(tensor, { name: node.output[0] }));
    return !large;
  });
}

function refer(tensor: TensorProto, offset: number): void {
  placeOutside(tensor, { location: modelFileItself, offset, length: tensor.rawData.byteLength });
  tensor.rawData = new Uint8Array();
}
