/** Norms of query and key, head by head and right before rotary, which WebGPU's GroupQueryAttention does too. */
import type { AttentionSite } from "../patterns/attentionSite";
import { dataTypeOf } from "../graph/graphBuilder";
import { floatAttribute, intAttribute, type GraphView } from "../graph/graphView";
import type { FloatType } from "../evictableDecoder";

/** Two weights, [D] each. */
export interface HeadNorms {
  query: string;
  key: string;
  epsilon: number;
}

/** Packed rows of query, key and value, the first two of them before their norms. */
export interface Unnormed {
  rows: string[];
  norms: HeadNorms;
}

/** Undefined where one of the two is not normed, or otherwise than the attention would. */
export function beforeNorms(
  view: GraphView,
  { type, headDim }: AttentionSite,
  [queryRows, keyRows, value]: readonly string[],
): Unnormed | undefined {
  const query = normOf(view, queryRows, type, headDim);
  const key = normOf(view, keyRows, type, headDim);
  if (!query || !key || query.epsilon !== key.epsilon) return undefined;
  const norms = { query: query.weight, key: key.weight, epsilon: query.epsilon };
  return { rows: [query.rows, key.rows, value], norms };
}

function normOf(view: GraphView, rows: string, type: FloatType, headDim: number) {
  const norm = view.producer(view.source(rows, "Reshape"));
  if (norm?.opType !== "SimplifiedLayerNormalization") return undefined;
  const [x, weight] = norm.input;
  const { dims = [], dataType } = view.constant(weight) ?? {};
  const isPerHead = dims.length === 1 && Number(dims[0]) === headDim;
  if (!isPerHead || dataType !== dataTypeOf(type) || intAttribute(norm, "axis", -1) !== -1)
    return undefined;
  const casts = type === "float32" ? ["Cast"] : [];
  const before = view.source(x, "Reshape", ...casts);
  return { rows: before, weight, epsilon: floatAttribute(norm, "epsilon", 1e-5) };
}
