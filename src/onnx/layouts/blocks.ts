/**
 * Attention over a retained block, which is only read, and a buffer, to which this step's rows are
 * appended in the graph. Scores over both go through one softmax, the two value products are added.
 * The heads that share a KV head stand below each other as rows of one product, so that no key is
 * repeated, and the buffer is multiplied as it lies, time first (transBatchB). Always in float32.
 */
import type { AttentionSite } from "../patterns/attentionSite";
import type { Dim, GraphBuilder } from "../graph/graphBuilder";
import { byHead, queryOutput, replaceContext, timeFirst, toType } from "./rows";

/** Writes every site's attention, with the inputs and outputs of “blocks” in evictableDecoder.ts. */
export function emitBlocks(g: GraphBuilder, sites: readonly AttentionSite[]): void {
  const masks = new Masks(g);
  for (const site of sites) new BlockAttention(g, site, masks).emit();
}

/** The masks, repeated once per step for the heads that share a KV head. */
class Masks {
  private readonly repeated = new Map<string, string>();

  constructor(private readonly g: GraphBuilder) {}

  /** [G·S, …] from an input of [S, …]. */
  get(name: string, dims: readonly Dim[], group: number): string {
    const key = `${name} ${group}`;
    const known = this.repeated.get(key);
    if (known) return known;
    const { g } = this;
    if (!g.hasInput(name)) g.input(name, "float32", dims);
    const mask = group === 1 ? name : g.node("Tile", [name, g.ints(group, 1)]);
    this.repeated.set(key, mask);
    return mask;
  }
}

class BlockAttention {
  private readonly group: number;

  constructor(
    private readonly g: GraphBuilder,
    private readonly site: AttentionSite,
    private readonly masks: Masks,
  ) {
    this.group = site.queryHeads / site.kvHeads;
  }

  emit(): void {
    const { g, site } = this;
    const query = byHead(g, site.query, site.queryHeads, site.headDim);
    queryOutput(g, site, query);
    const grouped = g.node("Reshape", [
      toType(g, query, site.type, "float32"),
      g.ints(0, site.kvHeads, -1, site.headDim),
    ]);
    const keys = this.cached("key");
    const values = this.cached("value");

    const scores = this.scores(grouped, keys);
    const [onRetained, onBuffer] = this.probabilities(scores);
    const context = g.node("Add", [
      this.product(onRetained, values.retained, {}),
      this.product(onBuffer, values.buffer, { transBatchB: 1 }),
    ]);
    const result = g.node("Reshape", [context, g.ints(0, site.queryHeads, -1, site.headDim)]);
    const value = toType(g, result, "float32", site.type);
    replaceContext(g, site, { value, layout: "by-head" });
  }

  /** The two blocks of keys or values, this step's rows at the buffer's end. */
  private cached(role: "key" | "value") {
    const { g, site } = this;
    const { layer, kvHeads, headDim } = site;
    const shape = ["batch", kvHeads, `retained.${layer}`, headDim];
    const retained = g.input(`retained.${layer}.${role}`, "float32", shape);
    const bufferShape = ["buffered", "batch", kvHeads, headDim];
    const buffer = g.input(`buffer.${layer}.${role}`, "float32", bufferShape);
    const rows = toType(g, timeFirst(g, site[role], kvHeads, headDim), site.type, "float32");
    g.output(rows, `new.${layer}.${role}`, "float32", ["sequence", "batch", kvHeads, headDim]);
    return { retained, buffer: g.node("Concat", [buffer, rows], { axis: 0 }) };
  }

  /** Masked scores [B, Kh, G·S, …] over the retained block and the buffer. */
  private scores(query: string, keys: { retained: string; buffer: string }) {
    const { g, site, group } = this;
    const alpha = { float: site.scale };
    const retained = this.capped(this.product(query, keys.retained, { transB: 1, alpha }));
    const buffer = this.capped(
      this.product(query, keys.buffer, { transB: 1, transBatchB: 1, alpha }),
    );
    const lengths = g.node("Concat", [this.lastDim(retained), this.lastDim(buffer)], { axis: 0 });
    const window = site.localWindow;
    if (window === 0) {
      const mask = this.masks.get("chunk_mask", ["sequence", "recent"], group);
      const masked = g.node("Add", [buffer, mask]);
      return { joined: g.node("Concat", [retained, masked], { axis: -1 }), lengths };
    }
    const mask = this.masks.get(`local_mask.${window}`, ["sequence", `seen.${window}`], group);
    const joined = g.node("Concat", [retained, buffer], { axis: -1 });
    return { joined: g.node("Add", [joined, mask]), lengths };
  }

  /** Softmax over everything, cut into the retained part and the buffer's. */
  private probabilities({ joined, lengths }: { joined: string; lengths: string }): string[] {
    const { g, site } = this;
    if (!site.sinks) {
      const whole = g.node("Softmax", [joined], { axis: -1 });
      return g.nodes("Split", [whole, lengths], 2, { axis: -1 });
    }
    const withSink = g.node("Concat", [joined, this.sinkColumn(site.sinks, joined)], { axis: -1 });
    const whole = g.node("Softmax", [withSink], { axis: -1 });
    const sizes = g.node("Concat", [lengths, g.ints(1)], { axis: 0 });
    return g.nodes("Split", [whole, sizes], 3, { axis: -1 }).slice(0, 2);
  }

  /** [B, Kh, G·S, 1]: each query head's sink beside its scores. */
  private sinkColumn(sinks: string, scores: string): string {
    const { g, site, group } = this;
    const logits = toType(g, sinks, site.type, "float32");
    const perHead = g.node("Reshape", [logits, g.ints(site.kvHeads, group, 1)]);
    const shape = g.node("Shape", [scores]);
    const steps = g.node("Div", [this.dim(shape, 2), g.ints(group)]);
    const target = g.node("Concat", [this.dim(shape, 0), g.ints(site.kvHeads, group), steps], {
      axis: 0,
    });
    const repeated = g.node("Expand", [perHead, target]);
    return g.node("Reshape", [repeated, g.ints(0, site.kvHeads, -1, 1)]);
  }

  private product(a: string, b: string, attributes: Record<string, number | { float: number }>) {
    return this.g.node("FusedMatMul", [a, b], attributes, { domain: "com.microsoft" });
  }

  private capped(scores: string): string {
    const { g, site } = this;
    if (site.softcap === 0) return scores;
    const cap = g.float(site.softcap);
    return g.node("Mul", [g.node("Tanh", [g.node("Div", [scores, cap])]), cap]);
  }

  private lastDim(value: string): string {
    return this.dim(this.g.node("Shape", [value]), 3);
  }

  private dim(shape: string, axis: number): string {
    return this.g.node("Slice", [shape, this.g.ints(axis), this.g.ints(axis + 1)]);
  }
}
