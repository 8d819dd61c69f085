/**
 * The smallest stock exports of what no fixture shows, written as their exporters do: one layer,
 * random weights, attention spelled out as in `form`.
 */
import { dataTypeOf, GraphBuilder, type ElementType } from "../../../src/onnx/graph/graphBuilder";
import { Random } from "../../../src/shared/random";
import { toFloat16 } from "../../../src/shared/trace/float16";

export type TinyForm =
  /** optimum, gpt-oss: a column of sinks beside the scores. */
  | "sinks"
  /** transformers.js, fp16: the cache's inputs and outputs stay float32, behind casts (P14). */
  | "casts"
  /** onnxruntime-genai up to 0.9, CUDA fp32: MultiHeadAttention over repeated heads (P15). */
  | "multi-head"
  /** onnxruntime-genai, HunYuan: queries and keys normed after the rotary (P5). */
  | "late norms"
  /** onnxruntime-genai, SmolLM3: a layer without rotary (P10), and sinks in the attention (P9). */
  | "no rotary";

const [queryHeads, kvHeads, headDim, hidden, vocabulary, context] = [4, 2, 16, 32, 48, 256];

export function tinyExport(form: TinyForm): Uint8Array {
  return new TinyExport(form).build();
}

class TinyExport {
  private readonly g = new GraphBuilder();
  private readonly random = new Random(11);
  private readonly type: ElementType;
  private readonly pastLength: string;

  constructor(private readonly form: TinyForm) {
    const { g } = this;
    this.type = form === "casts" ? "float16" : "float32";
    g.input("input_ids", "int64", ["batch", "sequence"]);
    g.input("position_ids", "int64", ["batch", "sequence"]);
    for (const role of ["key", "value"])
      g.input(pastName(role), "float32", ["batch", kvHeads, "past", headDim]);
    if (form === "late norms" || form === "no rotary")
      g.input("attention_mask", "int64", ["batch", "total"]);
    this.pastLength = this.dim(pastName("key"), 2);
  }

  build(): Uint8Array {
    const { g } = this;
    const x = g.node("Gather", [this.weights([vocabulary, hidden], 1), "input_ids"]);
    const attended = this.projected(this.context(x), queryHeads * headDim, hidden);
    const logits = this.projected(g.node("Add", [x, attended]), hidden, vocabulary);
    this.output(logits, "logits", ["batch", "sequence", vocabulary]);
    return g.build();
  }

  /** [B, S, Hq·D] */
  private context(x: string): string {
    const { g } = this;
    const parts = [queryHeads, kvHeads, kvHeads].map((heads) =>
      this.projected(x, hidden, heads * headDim),
    );
    if (this.form === "late norms" || this.form === "no rotary") return this.grouped(parts);
    const [query, key, value] = parts.map((rows, i) =>
      this.byHead(rows, i === 0 ? queryHeads : kvHeads),
    );
    const keys = this.repeated(this.grown("key", this.rotated(key)));
    const values = this.repeated(this.grown("value", value));
    if (this.form === "multi-head") {
      const rows = [this.rotated(query), keys, values].map((part) => this.packed(part));
      const attributes = { num_heads: queryHeads, scale: { float: headDim ** -0.5 } };
      const inputs = [...rows, "", "", this.mask()];
      return g.node("MultiHeadAttention", inputs, attributes, { domain: "com.microsoft" });
    }
    const shares = this.shares(this.rotated(query), keys);
    return this.packed(g.node("MatMul", [shares, values]));
  }

  /** GroupQueryAttention of packed query, key and value. */
  private grouped([query, key, value]: string[]): string {
    const { g } = this;
    const turned = this.form === "late norms";
    const rows = [query, key].map((packed) => (turned ? this.normed(this.turned(packed)) : packed));
    const length = g.cast(this.dim("attention_mask", 1), "int32");
    const seen = g.node("ReduceSum", ["attention_mask", g.ints(1)], { keepdims: 0 });
    const lengths = [
      g.cast(g.node("Sub", [seen, g.ints(1)]), "int32"),
      g.node("Squeeze", [length]),
    ];
    const sinks = turned
      ? []
      : ["", "", "", "", this.constant(Float32Array.of(2, -1, 0.5, 3), [4])];
    const [context, ...present] = g.nodes(
      "GroupQueryAttention",
      [...rows, value, pastName("key"), pastName("value"), ...lengths, ...sinks],
      [g.fresh("context"), "present.0.key", "present.0.value"],
      { num_heads: queryHeads, kv_num_heads: kvHeads },
      "com.microsoft",
    );
    for (const name of present)
      g.output(name, name, "float32", ["batch", kvHeads, "total", headDim]);
    return context;
  }

  /** The rotary of packed rows, by onnxruntime's own node. */
  private turned(packed: string): string {
    const half = headDim / 2;
    const tables = [Math.cos, Math.sin].map((wave) => {
      const values = { length: context * half };
      const angle = (i: number) => Math.floor(i / half) * 10_000 ** (-(i % half) / half);
      return this.constant(
        Float32Array.from(values, (_, i) => wave(angle(i))),
        [context, half],
      );
    });
    const inputs = [packed, "position_ids", ...tables];
    return this.g.node("RotaryEmbedding", inputs, {}, { domain: "com.microsoft" });
  }

  private normed(packed: string): string {
    const { g } = this;
    const byHead = g.node("Reshape", [packed, g.ints(0, 0, -1, headDim)]);
    const weight = this.constant(new Float32Array(headDim).fill(1.5), [headDim]);
    const attributes = { axis: -1, epsilon: { float: 1e-6 }, stash_type: 1 };
    const norm = g.node("SimplifiedLayerNormalization", [byHead, weight], attributes);
    return g.node("Reshape", [norm, g.ints(0, 0, -1)]);
  }

  /** What each query gives to each key, [B, Hq, S, T]. */
  private shares(query: string, keys: string): string {
    const { g } = this;
    const transposed = g.node("Transpose", [keys], { perm: [0, 1, 3, 2] });
    const product = g.node("MatMul", [query, transposed]);
    const scores = g.node("Mul", [product, this.constant(Float32Array.of(headDim ** -0.5), [])]);
    const masked = g.node("Add", [scores, this.mask()]);
    if (this.form !== "sinks") return g.node("Softmax", [masked], { axis: -1 });
    const perHead = g.node("Reshape", [
      this.constant(Float32Array.of(2, -1, 0.5, 3), [queryHeads]),
      g.ints(1, -1, 1, 1),
    ]);
    const size = g.node("Shape", ["input_ids"]);
    const ends = [this.at(size, 0), g.ints(queryHeads), this.at(size, 1), g.ints(1)];
    const column = g.node("Expand", [perHead, g.node("Concat", ends, { axis: 0 })]);
    const combined = g.node("Concat", [masked, column], { axis: -1 });
    const largest = g.node("ReduceMax", [combined, g.ints(-1)]);
    const probabilities = g.node("Softmax", [g.node("Sub", [combined, largest])], { axis: -1 });
    return g.node("Slice", [probabilities, g.ints(0), g.ints(-1), g.ints(3)]);
  }

  /** present.0.{role}, as attention reads it: [B, Kh, T, D]. */
  private grown(role: string, rows: string): string {
    const { g } = this;
    const past = pastName(role);
    const earlier = this.form === "casts" ? g.cast(past, "float16") : past;
    const whole = g.node("Concat", [earlier, rows], { axis: 2 });
    this.output(whole, `present.0.${role}`, ["batch", kvHeads, "total", headDim]);
    return whole;
  }

  /** Always float32. */
  private output(value: string, name: string, dims: (number | string)[]): void {
    const { g } = this;
    g.node("Cast", [value], { to: dataTypeOf("float32") }, { output: name });
    g.output(name, name, "float32", dims);
  }

  /** repeat_kv: [B, Hq, T, D] */
  private repeated(whole: string): string {
    const { g } = this;
    const group = g.ints(1, 1, queryHeads / kvHeads, 1, 1);
    const expanded = g.node("Expand", [g.node("Unsqueeze", [whole, g.ints(2)]), group]);
    return g.node("Reshape", [expanded, g.ints(0, queryHeads, -1, headDim)]);
  }

  /** x·cos + rotate_half(x)·sin */
  private rotated(x: string): string {
    const { g } = this;
    const half = headDim / 2;
    const part = (from: number, to: number) =>
      g.node("Slice", [x, g.ints(from), g.ints(to), g.ints(3)]);
    const turned = g.node("Concat", [g.node("Neg", [part(half, headDim)]), part(0, half)], {
      axis: -1,
    });
    const along = (wave: (angle: number) => number) =>
      g.node("Unsqueeze", [g.node("Gather", [this.rotaryTable(wave), "position_ids"]), g.ints(1)]);
    const straight = g.node("Mul", [x, along(Math.cos)]);
    return g.node("Add", [straight, g.node("Mul", [turned, along(Math.sin)])]);
  }

  private rotaryTable(wave: (angle: number) => number): string {
    const half = headDim / 2;
    const values = Float32Array.from({ length: context * headDim }, (_, i) => {
      const [position, pair] = [Math.floor(i / headDim), (i % headDim) % half];
      return wave(position * 10_000 ** (-pair / half));
    });
    return this.constant(values, [context, headDim]);
  }

  /** 0 where a key is not later than the query, [1, 1, S, T]. */
  private mask(): string {
    const { g } = this;
    const tokens = this.dim("input_ids", 1);
    const total = g.node("Add", [this.pastLength, tokens]);
    const range = (from: string, to: string, axes: string) =>
      g.node("Unsqueeze", [g.node("Range", [scalar(g, from), scalar(g, to), g.int(1)]), axes]);
    const keys = range(g.ints(0), total, g.ints(0, 1, 2));
    const queries = range(this.pastLength, total, g.ints(0, 1, 3));
    const zero = this.constant(Float32Array.of(0), []);
    const hidden = this.constant(Float32Array.of(-60_000), []);
    return g.node("Where", [g.node("Greater", [keys, queries]), hidden, zero]);
  }

  private byHead(rows: string, heads: number): string {
    const { g } = this;
    const split = g.node("Reshape", [rows, g.ints(0, 0, heads, headDim)]);
    return g.node("Transpose", [split], { perm: [0, 2, 1, 3] });
  }

  private packed(rows: string): string {
    const { g } = this;
    const swapped = g.node("Transpose", [rows], { perm: [0, 2, 1, 3] });
    return g.node("Reshape", [swapped, g.ints(0, 0, -1)]);
  }

  private projected(x: string, from: number, to: number): string {
    return this.g.node("MatMul", [x, this.weights([from, to], 3 / Math.sqrt(from))]);
  }

  private weights(dims: [number, number], spread: number): string {
    const values = { length: dims[0] * dims[1] };
    return this.constant(
      Float32Array.from(values, () => spread * (2 * this.random.next() - 1)),
      dims,
    );
  }

  private constant(values: Float32Array, dims: readonly number[]): string {
    if (this.type === "float32") return this.g.constant(values, dims);
    return this.g.constant(toFloat16(values), dims, "float16");
  }

  /** [1] */
  private dim(value: string, axis: number): string {
    return this.at(this.g.node("Shape", [value]), axis);
  }

  private at(shape: string, place: number): string {
    return this.g.node("Gather", [shape, this.g.ints(place)]);
  }
}

function pastName(role: string): string {
  return `past_key_values.0.${role}`;
}

function scalar(g: GraphBuilder, value: string): string {
  return g.node("Squeeze", [value]);
}
