/** Keeps what the outputs need, in the order it is computed. */
import { refuse } from "../modelRefused";
import { nodeLabel, valuesReadBy } from "./graphView";
import type { GraphProto, NodeProto } from "../proto/onnx_pb";

/**
 * Drops every node and weight that no output needs and sorts the rest. Throws ModelRefused where a
 * value is missing: either the export never made it, or it was an input that the rewrite removed.
 */
export function prune(graph: GraphProto, removedInputs: ReadonlySet<string>): void {
  const producers = new Map<string, NodeProto>();
  for (const node of graph.node)
    for (const name of node.output) if (name) producers.set(name, node);
  const given = new Set([...graph.input, ...graph.initializer].map(({ name }) => name));
  const used = new Set<string>();
  const order = new Map<NodeProto, "open" | "done">();

  const stack: Step[] = graph.output.map(({ name }) => ({ visit: name }));
  for (let step = stack.pop(); step; step = stack.pop()) {
    if (step.finish) {
      order.delete(step.finish);
      order.set(step.finish, "done");
      continue;
    }
    used.add(step.visit);
    const node = producers.get(step.visit);
    if (!node && !given.has(step.visit)) missing(step.visit, removedInputs, step.reader);
    if (!node || order.get(node) === "done") continue;
    if (order.get(node) === "open")
      refuse(`${nodeLabel(node)} depends on its own result`, "download the model again");
    order.set(node, "open");
    stack.push({ visit: "", finish: node });
    for (const name of valuesReadBy(node)) stack.push({ visit: name, reader: node });
  }
  graph.node = [...order.keys()];
  graph.initializer = graph.initializer.filter(({ name }) => used.has(name));
}

interface Step {
  visit: string;
  reader?: NodeProto;
  finish?: NodeProto;
}

function missing(value: string, removed: ReadonlySet<string>, reader?: NodeProto): never {
  const who = reader ? nodeLabel(reader) : "The graph’s output";
  if (removed.has(value))
    return refuse(
      `${who} depends on the input “${value}”, which a cache with evicted tokens cannot give`,
      "export the model for text generation with onnxruntime-genai or optimum",
    );
  return refuse(
    `${who} needs “${value}”, which no node of the graph produces`,
    "export the model again with a newer exporter",
  );
}
