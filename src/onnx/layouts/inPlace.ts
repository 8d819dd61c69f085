/**
 * Attention by GroupQueryAttention: past and present are the same buffer of fixed capacity, which
 * the operator extends in place. A local window counts slots there, and that is right, because
 * layers with one evict by age alone.
 */
import type { AttentionSite } from "../patterns/attentionSite";
import type { FloatType } from "../evictableDecoder";
import { concat } from "../graph/concat";
import type { Attribute, GraphBuilder } from "../graph/graphBuilder";
import { GraphView } from "../graph/graphView";
import type { HeadNorms } from "./headNorms";
import { packed, replaceContext, toType } from "./rows";
import { slotAngles, slotRotaryOf, type SlotRotary } from "./slotRotary";

/**
 * Writes every site's attention, with the inputs and outputs of “in-place” in evictableDecoder.ts.
 * positions: the value that holds them. Returns the rotary where it is left to the attention.
 */
export function emitInPlace(
  g: GraphBuilder,
  sites: readonly AttentionSite[],
  positions: string,
): SlotRotary | undefined {
  const rotary = slotRotaryOf(g, new GraphView(g.graph), sites, positions);
  const [{ queryHeads, headDim, type }] = sites;
  const angles = rotary && anglesInputs(g, headDim, type);
  const norms = rotary?.norms;
  const queries = sites.map((site, i) => {
    const rows =
      rotary?.rows[i] ?? [site.query, site.key, site.value].map((part) => packed(g, part));
    emitSite(g, site, rows, { angles, norms: norms?.[i] });
    return rows[0];
  });
  queriesOutput(g, queries, rotary?.rowWidth ?? queryHeads * headDim, type);
  return rotary;
}

function anglesInputs(g: GraphBuilder, headDim: number, type: FloatType): string[] {
  return slotAngles.map((name) => g.input(name, type, ["slots", headDim / 2]));
}

/** All layers' in one output, because each tensor that a step gives back costs by itself. */
function queriesOutput(g: GraphBuilder, queries: string[], width: number, type: FloatType): void {
  const each = queries.map((query) => g.node("Unsqueeze", [query, g.ints(0)]));
  const all = toType(g, concat(g, each, 0), type, "float32");
  const dims = [queries.length, "batch", "sequence", width];
  g.output(all, "queries", "float32", dims);
}

/** What the attention does to its rows before it uses them. */
interface Inside {
  /** Cosines and sines by slot. */
  angles?: string[];
  norms?: HeadNorms;
}

/** rows: query, key and value, or all packed in one. */
function emitSite(
  g: GraphBuilder,
  site: AttentionSite,
  rows: string[],
  { angles, norms }: Inside,
): void {
  const { layer, kvHeads, headDim, type } = site;
  const shape = ["batch", kvHeads, `capacity.${layer}`, headDim];
  const cache = (["key", "value"] as const).map((role) =>
    g.input(`cache.${layer}.${role}`, type, shape),
  );
  const [query, key = "", value = ""] = rows;
  const outputs = [g.fresh("context"), `cache_out.${layer}.key`, `cache_out.${layer}.value`];
  const unused = ["", ""];
  const inputs = [
    query,
    key,
    value,
    ...cache,
    ...lengthInputs(g, site.localWindow),
    ...(angles ?? unused),
    ...unused,
    site.sinks ?? "",
    ...(norms ? [...unused, norms.query, norms.key] : []),
  ];
  const attributes = {
    ...attributesOf(site),
    do_rotary: angles ? 1 : 0,
    ...(norms && { qk_norm_epsilon: { float: norms.epsilon } }),
  };
  g.nodes("GroupQueryAttention", inputs, outputs, attributes, "com.microsoft");
  for (const name of outputs.slice(1)) g.output(name, name, type, shape);
  replaceContext(g, site, { value: outputs[0], layout: "packed" });
}

/** seqlens_k and total_sequence_length, apart for layers whose window keeps them shorter. */
function lengthInputs(g: GraphBuilder, window: number): string[] {
  const suffix = window ? `.${window}` : "";
  const names = [`seqlens_k${suffix}`, `total_sequence_length${suffix}`];
  const dims = [["batch"], [1]];
  return names.map((name, i) => (g.hasInput(name) ? name : g.input(name, "int32", dims[i])));
}

function attributesOf(site: AttentionSite): Record<string, Attribute> {
  return {
    num_heads: site.queryHeads,
    kv_num_heads: site.kvHeads,
    scale: { float: site.scale },
    softcap: { float: site.softcap },
    local_window_size: site.localWindow || -1,
  };
}
