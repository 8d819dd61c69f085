import type { GraphProto } from "../proto/onnx_pb";

/** Lets readers of a Concat of one value read that value: exports by transformers 5 put one around past keys. */
export function bypassSingleConcats(graph: GraphProto): void {
  const outputs = new Set(graph.output.map(({ name }) => name));
  const same = new Map<string, string>();
  graph.node = graph.node.filter(({ opType, input, output: [result] }) => {
    const isBypassed = opType === "Concat" && input.length === 1 && !outputs.has(result);
    if (isBypassed) same.set(result, same.get(input[0]) ?? input[0]);
    return !isBypassed;
  });
  for (const node of graph.node) node.input = node.input.map((name) => same.get(name) ?? name);
}
