/**
 * Rotary left to GroupQueryAttention, which takes packed rows apart, turns them and caches them in
 * one program of the GPU. It turns a row by the slot that it goes to, and so is given the angles of
 * the position that each slot stands for. Only where every layer turns whole heads plainly by the
 * same angles; elsewhere rotary stays before the attention.
 */
import type { AttentionSite, Rows } from "../patterns/attentionSite";
import type { GraphBuilder } from "../graph/graphBuilder";
import {
  beforeSwap,
  floatAttribute,
  intAttribute,
  valuesReadBy,
  type GraphView,
} from "../graph/graphView";
import type { NodeProto } from "../proto/onnx_pb";
import { beforeNorms, type HeadNorms } from "./headNorms";
import { joinProducts } from "./joinedProducts";
import { packed } from "./rows";

/** What a graph calls the cosines and sines of its slots. */
export const slotAngles = ["slot_cos", "slot_sin"] as const;

/** Where the angles of positions are found: [rows, headDim / 2], of which `index` names some by position. */
export interface Angles {
  cos: string;
  sin: string;
  /** Undefined where they are those of the positions of a step, computed and not looked up. */
  index?: string;
}

export interface SlotRotary {
  angles: Angles;
  /** Of each site: query, key and value before rotary, or all of them packed in one value. */
  rows: string[][];
  /** Numbers in a row of the first value. */
  rowWidth: number;
  /** Of each site: the norms that are left to the attention too. */
  norms?: HeadNorms[];
}

/** The attention takes angles for heads of multiples of this alone. */
const headStep = 16;

/** A site's rows before rotary, [B, S, heads·D] each. */
interface Unturned {
  angles: Angles;
  rows: string[];
}

/** positions: the value that holds them. Undefined where a site does not fit. */
export function slotRotaryOf(
  g: GraphBuilder,
  view: GraphView,
  sites: readonly AttentionSite[],
  positions: string,
): SlotRotary | undefined {
  const found = sites.map((site) => unturnedOf(view, site, positions));
  const unturned = found.filter((each) => each !== undefined);
  if (unturned.length < sites.length) return undefined;
  const [{ angles }] = unturned;
  if (!unturned.every((each) => areSame(each.angles, angles))) return undefined;
  if (!readsNothingElse(view, [angles.cos, angles.sin], positions)) return undefined;
  const rows = unturned.map((each) => each.rows);
  const given = normedInside(g, view, sites, rows) ?? asTheyAre(g, view, sites, rows);
  return { angles, ...given };
}

type Given = Omit<SlotRotary, "angles">;

/** Packed, where the rows of every layer can be so: the attention takes them apart by itself. */
function asTheyAre(
  g: GraphBuilder,
  view: GraphView,
  sites: readonly AttentionSite[],
  rows: readonly string[][],
): Given {
  const [{ queryHeads, kvHeads, headDim }] = sites;
  const together = rows.map((each) => beforeSplit(view, each) ?? joinProducts(g, view, each));
  if (together.every((value) => value !== undefined))
    return {
      rows: together.map((value) => [value]),
      rowWidth: (queryHeads + 2 * kvHeads) * headDim,
    };
  const apart = rows.map(([query, key], i) => [query, key, packed(g, sites[i].value)]);
  return { rows: apart, rowWidth: queryHeads * headDim };
}

/** Apart, because the attention norms no packed rows; undefined where a layer has no such norms. */
function normedInside(
  g: GraphBuilder,
  view: GraphView,
  sites: readonly AttentionSite[],
  rows: readonly string[][],
): Given | undefined {
  const found = sites.map((site, i) => beforeNorms(view, site, rows[i]));
  const unnormed = found.filter((each) => each !== undefined);
  if (unnormed.length < sites.length) return undefined;
  const norms = unnormed.map((each) => each.norms);
  if (!norms.every(({ epsilon }) => epsilon === norms[0].epsilon)) return undefined;
  const [{ queryHeads, kvHeads, headDim }] = sites;
  const widths = [queryHeads, kvHeads, kvHeads].map((heads) => heads * headDim);
  const apart = unnormed.map((each, i) => {
    const joined = joinProducts(g, view, each.rows);
    if (joined) return g.nodes("Split", [joined, g.ints(...widths)], 3, { axis: -1 });
    const [query, key] = each.rows;
    return [query, key, packed(g, sites[i].value)];
  });
  return { rows: apart, rowWidth: widths[0], norms };
}

function unturnedOf(view: GraphView, site: AttentionSite, positions: string): Unturned | undefined {
  const { headDim, localWindow, sinks } = site;
  const value = timeFirst(view, site.value);
  if (localWindow > 0 || sinks || value === undefined) return undefined;
  if (headDim % headStep !== 0) return undefined;
  const [query, key] = [turnOf(view, site.query), turnOf(view, site.key)];
  const angles = query && anglesOf(view, query, positions, headDim);
  const keyAngles = key && anglesOf(view, key, positions, headDim);
  if (!angles || !keyAngles || !areSame(angles, keyAngles)) return undefined;
  return { angles, rows: [query.input[0], key.input[0], value] };
}

function areSame(a: Angles, b: Angles): boolean {
  return a.cos === b.cos && a.sin === b.sin && a.index === b.index;
}

/** The rows before their heads came first, [B, S, …]; undefined where they never were so. */
function timeFirst(view: GraphView, { value, layout }: Rows): string | undefined {
  return layout === "packed" ? value : beforeSwap(view.producer(value));
}

/** The node that turned packed rows, whole heads of them and no more than that. */
function turnOf(view: GraphView, rows: Rows): NodeProto | undefined {
  const value = timeFirst(view, rows);
  const node = value === undefined ? undefined : view.producer(view.source(value, "Reshape"));
  const isPlain =
    node?.opType === "RotaryEmbedding" &&
    node.domain === "com.microsoft" &&
    ["interleaved", "is_packed_batching", "rotary_embedding_dim"].every(
      (name) => intAttribute(node, name, 0) === 0,
    ) &&
    floatAttribute(node, "scale", 1) === 1;
  return isPlain ? node : undefined;
}

function anglesOf(
  view: GraphView,
  { input: [, index, cos, sin] }: NodeProto,
  positions: string,
  headDim: number,
): Angles | undefined {
  const [table, otherTable] = [view.weightDims(cos), view.weightDims(sin)];
  if (view.source(index, "Reshape", "Cast", "Identity") === positions)
    return table?.[1] === headDim / 2 && otherTable ? { cos, sin, index } : undefined;
  return view.scalar(index) === 0 && !table && !otherTable ? { cos, sin } : undefined;
}

/** Whether values are made from the positions, the shape of a step and weights alone. */
function readsNothingElse(view: GraphView, values: string[], positions: string): boolean {
  const read = new Set(values);
  // A set goes on to what is added to it meanwhile.
  for (const value of read) {
    if (value !== positions && view.input(value)) return false;
    const node = view.producer(value);
    if (node && !isShapeOfStep(node)) for (const name of valuesReadBy(node)) read.add(name);
  }
  return true;
}

/** [B, S], which the positions tell too. */
export function isShapeOfStep({ opType, input }: NodeProto): boolean {
  return opType === "Shape" && input[0] === "input_ids";
}

/** The packed rows, where an even node cuts query, key and value out of them in this order. */
function beforeSplit(view: GraphView, rows: readonly string[]): string | undefined {
  const split = view.producer(rows[0]);
  return split?.opType === "Split" && split.output.join() === rows.join()
    ? split.input[0]
    : undefined;
}
