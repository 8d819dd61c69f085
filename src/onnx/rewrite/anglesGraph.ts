/** The angles of positions by a graph of its own, so that no step computes them anew. */
import { create } from "@bufbuild/protobuf";
import { concat } from "../graph/concat";
import { GraphBuilder } from "../graph/graphBuilder";
import { prune } from "../graph/prune";
import { isShapeOfStep, slotAngles, type SlotRotary } from "../layouts/slotRotary";
import type { AttentionSite } from "../patterns/attentionSite";
import { GraphProtoSchema, type GraphProto } from "../proto/onnx_pb";

const positionIds = "position_ids";

/** With the inputs and outputs of RewrittenModel’s `angles`, from the nodes and weights of a graph. */
export function anglesGraph(
  { node, initializer }: GraphProto,
  { angles: { cos, sin, index }, norms }: SlotRotary,
  { type, headDim }: Pick<AttentionSite, "type" | "headDim">,
): GraphProto {
  const angles = create(GraphProtoSchema, {
    name: "angles",
    node: node.map((each) => (isShapeOfStep(each) ? { ...each, input: [positionIds] } : each)),
    initializer: [...initializer],
  });
  const g = new GraphBuilder(angles, "rkv/angles/");
  const positions = g.input(positionIds, "int64", ["batch", "sequence"]);
  const flat = g.node("Reshape", [positions, g.ints(-1)]);
  [cos, sin].forEach((value, i) => {
    const rows = index === undefined ? value : g.node("Gather", [value, flat]);
    g.output(rows, slotAngles[i], type, ["positions", headDim / 2]);
  });
  if (norms) {
    const rows = norms.map(({ query }) => g.node("Unsqueeze", [query, g.ints(0)]));
    g.output(concat(g, rows, 0), "query_norm", type, [norms.length, headDim]);
  }
  prune(angles, new Set());
  return angles;
}
