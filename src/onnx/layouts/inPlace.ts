/**
 * Attention by GroupQueryAttention without its own rotary: past and present are the same buffer of
 * fixed capacity, which the operator extends in place. A local window counts slots there, and that
 * is right, because layers with one evict by age alone.
 */
import type { AttentionSite } from "../patterns/attentionSite";
import { concat } from "../graph/concat";
import type { Attribute, GraphBuilder } from "../graph/graphBuilder";
import { packed, replaceContext, toType } from "./rows";

/** Writes every site's attention, with the inputs and outputs of “in-place” in evictableDecoder.ts. */
export function emitInPlace(g: GraphBuilder, sites: readonly AttentionSite[]): void {
  queriesOutput(
    g,
    sites,
    sites.map((site) => emitSite(g, site)),
  );
}

/** All layers' in one output, because each tensor that a step gives back costs by itself. */
function queriesOutput(g: GraphBuilder, sites: readonly AttentionSite[], queries: string[]): void {
  const [{ queryHeads, headDim, type }] = sites;
  const each = queries.map((query) => g.node("Unsqueeze", [query, g.ints(0)]));
  const all = toType(g, concat(g, each, 0), type, "float32");
  const dims = [sites.length, "batch", "sequence", queryHeads * headDim];
  g.output(all, "queries", "float32", dims);
}

/** Returns the queries, [B, S, Hq·D]. */
function emitSite(g: GraphBuilder, site: AttentionSite): string {
  const { layer, kvHeads, headDim, type } = site;
  const shape = ["batch", kvHeads, `capacity.${layer}`, headDim];
  const cache = (["key", "value"] as const).map((role) =>
    g.input(`cache.${layer}.${role}`, type, shape),
  );
  const rows = [site.query, site.key, site.value].map((part) => packed(g, part));
  const outputs = [g.fresh("context"), `cache_out.${layer}.key`, `cache_out.${layer}.value`];
  const unused = ["", "", "", ""];
  const inputs = [
    ...rows,
    ...cache,
    ...lengthInputs(g, site.localWindow),
    ...unused,
    site.sinks ?? "",
  ];
  g.nodes("GroupQueryAttention", inputs, outputs, attributesOf(site), "com.microsoft");
  for (const name of outputs.slice(1)) g.output(name, name, type, shape);
  replaceContext(g, site, { value: outputs[0], layout: "packed" });
  return rows[0];
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
    do_rotary: 0,
    local_window_size: site.localWindow || -1,
  };
}
