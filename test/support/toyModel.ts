/**
 * A small decoder with random weights that keeps the contract of src/onnx/evictableDecoder.ts in
 * both layouts: attention layers with rotary positions, residuals, a vocabulary at the end.
 */
import { GraphBuilder } from "../../src/onnx/graph/graphBuilder";
import type { CacheLayout, EvictableDecoder } from "../../src/onnx/evictableDecoder";
import type { OpenableModel } from "../../src/engine/decoder/openDecoder";
import { Random } from "../../src/shared/random";

export interface ToyShape {
  /** Local window of each layer, 0 for none. */
  localWindows: number[];
  queryHeads: number;
  kvHeads: number;
  headDim: number;
  hidden: number;
  vocabulary: number;
  rotaryRows: number;
  softcap: number;
  /** Whether the attention of the “in-place” layout turns rows itself, by slot. */
  slotRotary: boolean;
  /** Weights lie in ± this over the root of their inputs. */
  spread: number;
}

export const toyShape: ToyShape = {
  localWindows: [0, 0],
  queryHeads: 4,
  kvHeads: 2,
  headDim: 16,
  hidden: 32,
  vocabulary: 48,
  rotaryRows: 4096,
  softcap: 0,
  slotRotary: false,
  spread: 2,
};

export function toyModel(layout: CacheLayout, shape: ToyShape = toyShape): OpenableModel {
  const { queryHeads, kvHeads, headDim, vocabulary, rotaryRows, softcap, localWindows } = shape;
  const scale = 1 / Math.sqrt(headDim);
  const layers = localWindows.map((localWindow) => ({ scale, softcap, localWindow }));
  const decoder: EvictableDecoder = {
    layout,
    pattern: "toy",
    cacheType: "float32",
    dtype: "fp32",
    layers,
    queryHeads,
    kvHeads,
    headDim,
    vocabulary,
    plainRotary: true,
    rotaryRows,
  };
  const graph = new ToyGraph(layout, shape).build();
  if (layout === "blocks" || !shape.slotRotary) return { decoder, graph };
  const slotRotary = { rowWidth: (queryHeads + 2 * kvHeads) * headDim };
  return { decoder: { ...decoder, slotRotary }, graph, angles: toyAngles(shape) };
}

/** The graph that gives the angles of positions. */
function toyAngles(shape: ToyShape): Uint8Array {
  const g = new GraphBuilder();
  const positions = g.input("position_ids", "int64", [1, "N"]);
  const rows = g.node("Squeeze", [positions, g.ints(0)]);
  for (const [name, wave] of [
    ["slot_cos", Math.cos],
    ["slot_sin", Math.sin],
  ] as const) {
    const angles = g.node("Gather", [rotaryTable(g, shape, wave), rows]);
    g.output(angles, name, "float32", ["N", shape.headDim / 2]);
  }
  return g.build();
}

/** [rotaryRows, headDim / 2] */
function rotaryTable(
  g: GraphBuilder,
  { rotaryRows, headDim }: ToyShape,
  wave: (angle: number) => number,
): string {
  const half = headDim / 2;
  const values = Float32Array.from({ length: rotaryRows * half }, (_, i) =>
    wave(Math.floor(i / half) * 10_000 ** (-(i % half) / half)),
  );
  return g.constant(values, [rotaryRows, half]);
}

class ToyGraph {
  private readonly g = new GraphBuilder();
  private readonly random = new Random(7);
  private readonly cos: string;
  private readonly sin: string;
  private readonly positions: string;
  private readonly declared = new Set<string>();
  /** Of each layer, [1, B, S, …]. */
  private readonly queries: string[] = [];

  constructor(
    private readonly layout: CacheLayout,
    private readonly shape: ToyShape,
  ) {
    this.positions = this.g.input("position_ids", "int64", ["B", "S"]);
    this.cos = rotaryTable(this.g, shape, Math.cos);
    this.sin = rotaryTable(this.g, shape, Math.sin);
  }

  build(): Uint8Array {
    const { g, shape } = this;
    const ids = g.input("input_ids", "int64", ["B", "S"]);
    let x = g.node("Gather", [this.weights(shape.vocabulary, shape.hidden, 1), ids]);
    shape.localWindows.forEach((window, layer) => {
      x = g.node("Add", [x, this.attention(x, layer, window)]);
    });
    const last = g.node("Slice", [x, g.ints(-1), g.ints(2 ** 31), g.ints(1)]);
    const logits = g.node("MatMul", [last, this.weights(shape.hidden, shape.vocabulary)]);
    g.output(logits, "logits", "float32", ["B", 1, shape.vocabulary]);
    if (this.layout === "in-place") {
      const dims = [shape.localWindows.length, "B", "S", "width"];
      g.output(g.node("Concat", this.queries, { axis: 0 }), "queries", "float32", dims);
    }
    return g.build();
  }

  private attention(x: string, layer: number, window: number): string {
    const { g, shape } = this;
    const { queryHeads, kvHeads, headDim, hidden } = shape;
    const query = this.rotated(this.projected(x, queryHeads));
    const key = this.rotated(this.projected(x, kvHeads));
    const value = this.projected(x, kvHeads);
    if (this.layout === "blocks")
      g.output(query, `query.${layer}`, "float32", ["B", queryHeads, "S", headDim]);
    const context =
      this.layout === "blocks"
        ? this.blocks(query, key, value, layer, window)
        : this.inPlace(query, key, value, layer, window);
    return g.node("MatMul", [context, this.weights(queryHeads * headDim, hidden)]);
  }

  /** Softmax over the retained and the buffer block together; [B, S, Hq·D]. */
  private blocks(query: string, key: string, value: string, layer: number, window: number): string {
    const { g, shape } = this;
    const { queryHeads, kvHeads, headDim } = shape;
    const [keys, values] = [
      this.twoBlocks(key, "key", layer),
      this.twoBlocks(value, "value", layer),
    ];
    const grouped = g.ints(0, kvHeads, queryHeads / kvHeads, -1, headDim);
    const q = g.node("Mul", [g.node("Reshape", [query, grouped]), g.float(1 / Math.sqrt(headDim))]);
    const capped = keys.map((block) =>
      this.softcapped(g.node("MatMul", [q, this.transposed(block)])),
    );
    const scores = window > 0 ? this.locallyMasked(capped, window) : this.causal(capped);
    const weights = g.node("Softmax", [scores], { axis: -1 });
    const sizes = g.node("Concat", [this.size(keys[0]), this.size(keys[1])], { axis: 0 });
    const shares = g.nodes("Split", [weights, sizes], 2, { axis: -1 });
    const products = shares.map((share, i) =>
      g.node("MatMul", [share, g.node("Unsqueeze", [values[i], g.ints(2)])]),
    );
    const heads = g.node("Reshape", [g.node("Add", products), g.ints(0, queryHeads, -1, headDim)]);
    return this.flattened(heads, queryHeads);
  }

  /** The retained and the buffer block of keys or values, each [B, Kh, n, D]. */
  private twoBlocks(fresh: string, kind: "key" | "value", layer: number): string[] {
    const { g, shape } = this;
    const { kvHeads, headDim } = shape;
    const retained = `retained.${layer}.${kind}`;
    const buffer = `buffer.${layer}.${kind}`;
    g.input(retained, "float32", ["B", kvHeads, `R${layer}`, headDim]);
    g.input(buffer, "float32", ["b", "B", kvHeads, headDim]);
    const row = g.node("Transpose", [fresh], { perm: [2, 0, 1, 3] });
    g.output(row, `new.${layer}.${kind}`, "float32", ["S", "B", kvHeads, headDim]);
    const buffered = g.node("Concat", [buffer, row], { axis: 0 });
    return [retained, g.node("Transpose", [buffered], { perm: [1, 2, 0, 3] })];
  }

  private softcapped(scores: string): string {
    const { g, shape } = this;
    if (shape.softcap === 0) return scores;
    const cap = g.float(shape.softcap);
    return g.node("Mul", [g.node("Tanh", [g.node("Div", [scores, cap])]), cap]);
  }

  private causal([retained, buffered]: string[]): string {
    const mask = this.input("chunk_mask", "float32", ["S", "columns"]);
    return this.g.node("Concat", [retained, this.g.node("Add", [buffered, mask])], { axis: -1 });
  }

  private locallyMasked(scores: string[], window: number): string {
    const mask = this.input(`local_mask.${window}`, "float32", ["S", `columns${window}`]);
    return this.g.node("Add", [this.g.node("Concat", scores, { axis: -1 }), mask]);
  }

  private inPlace(
    query: string,
    key: string,
    value: string,
    layer: number,
    window: number,
  ): string {
    const { g, shape } = this;
    const { queryHeads, kvHeads, headDim, softcap } = shape;
    const suffix = window > 0 ? `.${window}` : "";
    const dims = ["B", kvHeads, `C${layer}`, headDim];
    const caches = ["key", "value"].map((kind) =>
      g.input(`cache.${layer}.${kind}`, "float32", dims),
    );
    const lengths = [
      this.input(`seqlens_k${suffix}`, "int32", ["B"]),
      this.input(`total_sequence_length${suffix}`, "int32", [1]),
    ];
    const flat = [
      this.flattened(query, queryHeads),
      this.flattened(key, kvHeads),
      this.flattened(value, kvHeads),
    ];
    const rows = this.turnsBySlot ? [g.node("Concat", flat, { axis: -1 }), "", ""] : flat;
    this.queries.push(g.node("Unsqueeze", [rows[0], g.ints(0)]));
    const outputs = [g.fresh("context"), `cache_out.${layer}.key`, `cache_out.${layer}.value`];
    const attributes = {
      num_heads: queryHeads,
      kv_num_heads: kvHeads,
      local_window_size: window || -1,
      softcap: { float: softcap },
      do_rotary: this.turnsBySlot ? 1 : 0,
    };
    const domain = "com.microsoft";
    const inputs = [...rows, ...caches, ...lengths, ...this.slotAngles()];
    const [context, ...written] = g.nodes(
      "GroupQueryAttention",
      inputs,
      outputs,
      attributes,
      domain,
    );
    for (const name of written) g.output(name, name, "float32", dims);
    return context;
  }

  private get turnsBySlot(): boolean {
    return this.layout === "in-place" && this.shape.slotRotary;
  }

  private slotAngles(): string[] {
    if (!this.turnsBySlot) return [];
    const dims = ["slots", this.shape.headDim / 2];
    return ["slot_cos", "slot_sin"].map((name) => this.input(name, "float32", dims));
  }

  /** [B, heads, S, D] */
  private projected(x: string, heads: number): string {
    const { g, shape } = this;
    const rows = g.node("MatMul", [x, this.weights(shape.hidden, heads * shape.headDim)]);
    const split = g.node("Reshape", [rows, g.ints(0, 0, heads, shape.headDim)]);
    return g.node("Transpose", [split], { perm: [0, 2, 1, 3] });
  }

  private rotated(heads: string): string {
    if (this.turnsBySlot) return heads;
    const inputs = [heads, this.positions, this.cos, this.sin];
    return this.g.node("RotaryEmbedding", inputs, {}, { domain: "com.microsoft" });
  }

  /** [B, heads, S, D] → [B, S, heads·D] */
  private flattened(heads: string, count: number): string {
    const { g, shape } = this;
    const timeFirst = g.node("Transpose", [heads], { perm: [0, 2, 1, 3] });
    return g.node("Reshape", [timeFirst, g.ints(0, 0, count * shape.headDim)]);
  }

  /** [B, Kh, n, D] → [B, Kh, 1, D, n] */
  private transposed(block: string): string {
    const { g } = this;
    return g.node("Unsqueeze", [g.node("Transpose", [block], { perm: [0, 1, 3, 2] }), g.ints(2)]);
  }

  private size(block: string): string {
    return this.g.node("Shape", [block], { start: 2, end: 3 });
  }

  private input(name: string, type: "float32" | "int32", dims: (string | number)[]): string {
    if (this.declared.has(name)) return name;
    this.declared.add(name);
    return this.g.input(name, type, dims);
  }

  private weights(
    rows: number,
    columns: number,
    spread = this.shape.spread / Math.sqrt(rows),
  ): string {
    const values = Float32Array.from(
      { length: rows * columns },
      () => (this.random.next() - 0.5) * 2 * spread,
    );
    return this.g.constant(values, [rows, columns]);
  }
}
