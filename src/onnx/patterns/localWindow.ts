/** Reads from an attention mask how many tokens back it lets a query see. */
import { nodeLabel, type GraphView } from "../graph/graphView";
import { refuse } from "../modelRefused";
import type { NodeProto } from "../proto/onnx_pb";

/** Tokens a query sees, itself included; 0 where the mask is causal and nothing else. */
export function localWindowOf(view: GraphView, mask: string | undefined): number {
  const windows = new Set<number>();
  for (const node of ancestors(view, mask)) {
    const window = windowIn(view, node);
    if (window !== undefined) windows.add(window);
    if (windows.size > 1)
      refuse(
        `${nodeLabel(node)} masks attention by a second window`,
        "choose a model whose layers each have one local window or none",
      );
  }
  return [...windows][0] ?? 0;
}

/** key > query − W shows W tokens and key ≤ query − W hides the rest; ≥ and < reach one further. */
function windowIn(view: GraphView, node: NodeProto): number | undefined {
  const strict = ["Greater", "LessOrEqual"];
  const reaching = ["GreaterOrEqual", "Less"];
  if (![...strict, ...reaching].includes(node.opType)) return undefined;
  const right = distance(view, node.input[1]);
  const left = distance(view, node.input[0]);
  if (right !== undefined) return strict.includes(node.opType) ? right : right + 1;
  if (left !== undefined) return strict.includes(node.opType) ? left + 1 : left;
  return undefined;
}

/** W where a value is a position minus W. */
function distance(view: GraphView, value: string): number | undefined {
  const node = view.producer(view.source(value, "Cast", "Identity", "Unsqueeze", "Reshape"));
  if (node?.opType !== "Sub" && node?.opType !== "Add") return undefined;
  const amount = view.scalar(node.input[1]);
  const back = node.opType === "Sub" ? amount : -(amount ?? 0);
  return back !== undefined && back > 1 ? back : undefined;
}

function* ancestors(view: GraphView, value: string | undefined): Generator<NodeProto> {
  const waiting = value ? [value] : [];
  const seen = new Set<NodeProto>();
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = view.producer(name);
    if (!node || seen.has(node)) continue;
    seen.add(node);
    yield node;
    waiting.push(...node.input);
  }
}
