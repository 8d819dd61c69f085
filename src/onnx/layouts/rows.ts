/** Rows of a site brought into the arrangement and type that a layout computes with. */
import type { AttentionSite, Rows } from "../patterns/attentionSite";
import type { GraphBuilder } from "../graph/graphBuilder";
import { beforeSwap } from "../graph/graphView";
import type { FloatType } from "../evictableDecoder";

/** [B, heads, S, D]. */
export function byHead(g: GraphBuilder, rows: Rows, heads: number, headDim: number): string {
  if (rows.layout === "by-head") return rows.value;
  const split = g.node("Reshape", [rows.value, g.ints(0, 0, heads, headDim)]);
  return g.node("Transpose", [split], { perm: [0, 2, 1, 3] });
}

/** [B, S, heads·D]. */
export function packed(g: GraphBuilder, rows: Rows): string {
  if (rows.layout === "packed") return rows.value;
  const made = g.graph.node.find(({ output }) => output[0] === rows.value);
  const timeFirst = beforeSwap(made) ?? g.node("Transpose", [rows.value], { perm: [0, 2, 1, 3] });
  return g.node("Reshape", [timeFirst, g.ints(0, 0, -1)]);
}

/** [S, B, heads, D]. */
export function timeFirst(g: GraphBuilder, rows: Rows, heads: number, headDim: number): string {
  if (rows.layout === "by-head") return g.node("Transpose", [rows.value], { perm: [2, 0, 1, 3] });
  const split = g.node("Reshape", [rows.value, g.ints(0, 0, heads, headDim)]);
  return g.node("Transpose", [split], { perm: [1, 0, 2, 3] });
}

/** The value as another type; itself where it has that type. */
export function toType(g: GraphBuilder, value: string, from: FloatType, to: FloatType): string {
  return from === to ? value : g.cast(value, to);
}

/** Declares query.{i}: float32 [B, Hq, S, D]. */
export function queryOutput(g: GraphBuilder, site: AttentionSite, query: string): void {
  const dims = ["batch", site.queryHeads, "sequence", site.headDim];
  g.output(toType(g, query, site.type, "float32"), `query.${site.layer}`, "float32", dims);
}

/** Puts a layout's result, [B, Hq, S, D] or [B, S, Hq·D], where the export's node left its own. */
export function replaceContext(g: GraphBuilder, site: AttentionSite, result: Rows): void {
  const { context, queryHeads, headDim } = site;
  const value =
    context.layout === "packed" ? packed(g, result) : byHead(g, result, queryHeads, headDim);
  g.node("Identity", [value], {}, { output: context.value });
}
