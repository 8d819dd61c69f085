/** Every node and every tensor of a model, wherever the format lets one hide. */
import { bodies } from "./graphView";
import type { GraphProto, ModelProto, NodeProto, TensorProto } from "./proto/onnx_pb";

/** The nodes of a graph and of all bodies inside it. */
export function* allNodes(graph: GraphProto): Generator<NodeProto> {
  for (const node of graph.node) {
    yield node;
    for (const body of bodies(node)) yield* allNodes(body);
  }
}

/** Initializers, sparse ones, and tensors in attributes, in the graph and all bodies. */
export function* allTensors(model: ModelProto): Generator<TensorProto> {
  if (model.graph) yield* graphTensors(model.graph);
}

function* graphTensors(graph: GraphProto): Generator<TensorProto> {
  yield* graph.initializer;
  for (const { values, indices } of graph.sparseInitializer) {
    if (values) yield values;
    if (indices) yield indices;
  }
  for (const node of graph.node) {
    for (const { t, tensors, sparseTensor, sparseTensors } of node.attribute) {
      if (t) yield t;
      yield* tensors;
      for (const sparse of sparseTensor ? [sparseTensor, ...sparseTensors] : sparseTensors) {
        if (sparse.values) yield sparse.values;
        if (sparse.indices) yield sparse.indices;
      }
    }
    for (const body of bodies(node)) yield* graphTensors(body);
  }
}
