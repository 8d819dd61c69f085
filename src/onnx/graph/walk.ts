/** Every graph, node and tensor of a model, wherever the format lets one hide. */
import { bodies } from "./graphView";
import type { GraphProto, NodeProto, TensorProto } from "../proto/onnx_pb";

/** The graph and all bodies inside it. */
export function* allGraphs(graph: GraphProto): Generator<GraphProto> {
  yield graph;
  for (const node of graph.node) for (const body of bodies(node)) yield* allGraphs(body);
}

/** The nodes of the graph and of all bodies inside it. */
export function* allNodes(graph: GraphProto): Generator<NodeProto> {
  for (const { node } of allGraphs(graph)) yield* node;
}

/** Initializers, and tensors in attributes. Sparse ones are not among them: preflight refuses those. */
export function* allTensors(graph: GraphProto): Generator<TensorProto> {
  for (const { initializer, node } of allGraphs(graph)) {
    yield* initializer;
    for (const { attribute } of node)
      for (const { t, tensors } of attribute) {
        if (t) yield t;
        yield* tensors;
      }
  }
}
