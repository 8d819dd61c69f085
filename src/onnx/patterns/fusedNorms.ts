/** Norms of query and key as nodes of their own, where a GroupQueryAttention holds them inside (P4). */
import type { GraphBuilder } from "../graph/graphBuilder";
import { floatAttribute } from "../graph/graphView";
import type { NodeProto } from "../proto/onnx_pb";

/** Places of the two weights among the node's inputs. */
export const normInputs = { query: 14, key: 15 };

/** Norms packed rows [B, S, heads·D] head by head; without a weight they stay as they are. */
export function normed(
  g: GraphBuilder,
  node: NodeProto,
  rows: string,
  weight: string | undefined,
  heads: number,
): string {
  if (!weight) return rows;
  const epsilon = { float: floatAttribute(node, "qk_norm_epsilon", 1e-6) };
  const byHead = g.node("Reshape", [rows, g.ints(0, 0, heads, -1)]);
  const attributes = { axis: -1, epsilon, stash_type: 1 };
  const norm = g.node("SimplifiedLayerNormalization", [byHead, weight], attributes);
  return g.node("Reshape", [norm, g.ints(0, 0, -1)]);
}
