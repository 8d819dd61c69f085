/**
 * Exports of the onnxruntime-genai model builder: one GroupQueryAttention node per layer, with the
 * rotary inside it or before it, the three projections packed or apart, and sometimes the norms of
 * query and key inside it too. P1 to P10 of docs/models.md.
 */
import {
  cacheRole,
  declaredDims,
  elementTypeOf,
  floatTypeOf,
  widthByConsumer,
  type AttentionSite,
  type Export,
  type FoundSites,
} from "./attentionSite";
import { floatAttribute, intAttribute, nodeLabel } from "../graph/graphView";
import { refuse } from "../modelRefused";
import type { NodeProto } from "../proto/onnx_pb";
import { normInputs, normed } from "./fusedNorms";
import { rotaryTables, rotate, turnsPlainly, type RotaryTables } from "./rotary";

/** Places of the node's inputs, as onnxruntime 1.30 defines them. */
const at = {
  query: 0,
  key: 1,
  value: 2,
  pastKey: 3,
  cos: 7,
  sin: 8,
  positions: 9,
  bias: 10,
  sinks: 11,
  keyScale: 12,
};

/** Undefined where the graph has no such node. Throws ModelRefused where one does what cannot be kept. */
export function findGroupedQuery(from: Export): FoundSites | undefined {
  const nodes = from.view.graph.node.filter(({ opType }) => opType === "GroupQueryAttention");
  if (nodes.length === 0) return undefined;
  return { pattern: patternOf(nodes[0]), sites: nodes.map((node) => siteOf(from, node)) };
}

function patternOf(node: NodeProto): string {
  if (node.input[normInputs.query]) return "P4 GroupQueryAttention with norms and rotary inside";
  if (!intAttribute(node, "do_rotary", 0)) return "P3 GroupQueryAttention after rotary nodes";
  return node.input[at.key]
    ? "P2 GroupQueryAttention with rotary inside"
    : "P1 packed GroupQueryAttention with rotary inside";
}

interface Heads {
  queryHeads: number;
  kvHeads: number;
  headDim: number;
}

function siteOf(from: Export, node: NodeProto): AttentionSite {
  refuseWhatEvictionBreaks(node);
  const past = from.view.input(from.view.source(node.input[at.pastKey], "Cast", "Identity"));
  const role = past && cacheRole(past.name);
  if (!past || role?.role !== "key")
    return refuse(
      `${nodeLabel(node)} does not read its past keys from an input of the graph`,
      "export the model with past_key_values inputs",
    );
  const heads = headsOf(from, node);
  const rotary = rotaryOf(from, node);
  const rows = projections(from, node, heads, rotary);
  const packed = (value: string) => ({ value, layout: "packed" as const });
  const window = intAttribute(node, "local_window_size", -1);
  return {
    layer: role.layer,
    node,
    query: packed(rows.query),
    key: packed(rows.key),
    value: packed(rows.value),
    context: packed(node.output[0]),
    sinks: sinksOf(from, node, heads.queryHeads),
    type: floatTypeOf(elementTypeOf(past), node),
    ...heads,
    scale: floatAttribute(node, "scale", 0) || heads.headDim ** -0.5,
    softcap: floatAttribute(node, "softcap", 0),
    localWindow: window > 0 && window < (rotary.rows ?? Infinity) ? window : 0,
    rotary: { rows: rotary.rows, plain: rotary.plain },
  };
}

function refuseWhatEvictionBreaks(node: NodeProto): void {
  if (node.input[at.keyScale] || node.input[at.keyScale + 1])
    refuse(
      `${nodeLabel(node)} keeps keys and values quantized`,
      "export the model without kv_cache_quant_type",
    );
  if (node.input[at.bias])
    refuse(
      `${nodeLabel(node)} adds a bias by place in the cache, which changes as tokens are evicted`,
      "export the model without attention_bias",
    );
  if (node.output[3])
    refuse(
      `${nodeLabel(node)} puts out its attention scores, which have no place in an evictable cache`,
      "export the model without qk_output",
    );
}

function headsOf({ view }: Export, node: NodeProto): Heads {
  const queryHeads = intAttribute(node, "num_heads", 0);
  const kvHeads = intAttribute(node, "kv_num_heads", 0);
  const declared = declaredDims(view.input(view.source(node.input[at.pastKey], "Cast")))[3];
  const width = widthByConsumer(view, node.output[0]);
  const headDim = declared ?? (width === undefined ? NaN : width / queryHeads);
  if (!Number.isInteger(headDim) || queryHeads % kvHeads !== 0 || headDim < 1)
    refuse(
      `${nodeLabel(node)} does not tell how its heads are laid out (${queryHeads} query heads, ${kvHeads} KV heads, head size ${headDim})`,
      "export the model with onnxruntime-genai",
    );
  return { queryHeads, kvHeads, headDim };
}

/** What lies between the rotary and the attention where queries are normed last (P5). */
const lateNorm = ["Reshape", "SimplifiedLayerNormalization"];

interface Rotary {
  tables?: RotaryTables;
  rows?: number;
  plain: boolean;
}

function rotaryOf(from: Export, node: NodeProto): Rotary {
  if (intAttribute(node, "do_rotary", 0)) {
    const index = node.input[at.positions];
    const tables = rotaryTables(from, node, node.input[at.cos], node.input[at.sin]);
    return { tables: index ? { ...tables, index } : tables, ...tables };
  }
  const turn = from.view.producer(from.view.source(node.input[at.query], ...lateNorm));
  if (turn?.opType !== "RotaryEmbedding") return { plain: true };
  return { rows: from.view.weightDims(turn.input[2])?.[0], plain: turnsPlainly(from, turn) };
}

/** Query, key and value rows as the scores see them: apart, normed and rotated. */
function projections(from: Export, node: NodeProto, heads: Heads, { tables }: Rotary) {
  const { value, ...apart } = separate(from, node, heads);
  let { query, key } = apart;
  const interleaved = intAttribute(node, "rotary_interleaved", 0);
  query = normed(from.builder, node, query, node.input[normInputs.query], heads.queryHeads);
  key = normed(from.builder, node, key, node.input[normInputs.key], heads.kvHeads);
  if (tables) {
    query = rotate(from, query, tables, { ...heads, heads: heads.queryHeads, interleaved });
    key = rotate(from, key, tables, { ...heads, heads: heads.kvHeads, interleaved });
  }
  return { query, key, value };
}

function separate({ builder: g }: Export, node: NodeProto, heads: Heads) {
  const [query, key, value] = [at.query, at.key, at.value].map((place) => node.input[place]);
  if (key) return { query, key, value };
  const [wide, narrow] = [heads.queryHeads * heads.headDim, heads.kvHeads * heads.headDim];
  const sizes = g.ints(wide, narrow, narrow);
  const parts = g.nodes("Split", [query, sizes], 3, { axis: -1 });
  return { query: parts[0], key: parts[1], value: parts[2] };
}

/** smooth_softmax is a sink of logit 0 in every head. */
function sinksOf({ builder: g }: Export, node: NodeProto, heads: number): string | undefined {
  if (node.input[at.sinks]) return node.input[at.sinks];
  if (intAttribute(node, "smooth_softmax", 0) !== 1) return undefined;
  return g.constant(new Float32Array(heads));
}
