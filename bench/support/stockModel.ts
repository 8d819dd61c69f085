/** Decoders as an exporter would write them: attention of a real size, random weights. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { GraphBuilder } from "../../src/onnx/graph/graphBuilder";
import { Random } from "../../src/shared/random";
import { Int4Weights } from "./int4Weights";

/** Attention as in Qwen2.5-1.5B: 12 query heads on 2 KV heads of 128, 28 layers. */
export const shape = { layers: 28, queryHeads: 12, kvHeads: 2, headDim: 128 };
const embeddings = 64;

/** What a model has beside its attention. */
interface Rest {
  hidden: number;
  vocabulary: number;
  /** Rows of its rotary tables. */
  positions: number;
  /** Width of the gated MLP. */
  mlp?: number;
}

/** Small enough for one thread, its tables too. */
const nearlyNothing: Rest = { hidden: 64, vocabulary: 64, positions: 8192 };
/** All of Qwen2.5-1.5B that a step reads. */
export const wholeModel = {
  hidden: 1536,
  vocabulary: 151_936,
  mlp: 8960,
  positions: 20_480,
} satisfies Rest;

type MatMul = (x: string, from: number, to: number, output?: string) => string;

/** Writes a model that is nearly attention alone into a folder of its own, gives it to `use`, and removes both. */
export function withStockModel<T>(use: (modelFile: string) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    const g = new GraphBuilder();
    const random = new Random(3);
    const matMul: MatMul = (x, from, to, output) => {
      const values = Float32Array.from({ length: from * to }, () => (random.next() - 0.5) / 4);
      return g.node("MatMul", [x, g.constant(values, [from, to])], {}, { output });
    };
    return use(await written(folder, stockGraph(g, nearlyNothing, matMul)));
  });
}

/**
 * The same with a model of 1.54 billion int4 parameters, about 1 GB. accuracyLevel: of its products;
 * 0 is what a quantizer writes that nobody tells one.
 */
export function withWholeModel<T>(
  use: (modelFile: string) => Promise<T>,
  accuracyLevel = 4,
): Promise<T> {
  return inFolder(async (folder) => {
    const g = new GraphBuilder();
    const weights = new Int4Weights(folder, accuracyLevel);
    const matMul: MatMul = (...wanted) => weights.matMul(g, ...wanted);
    const graph = stockGraph(g, wholeModel, matMul);
    weights.close();
    return use(await written(folder, graph));
  });
}

/** A folder for as long as `use` takes. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-lens-bench-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function written(folder: string, graph: Uint8Array): Promise<string> {
  const modelFile = path.join(folder, "model.onnx");
  await writeFile(modelFile, graph);
  return modelFile;
}

/** GroupQueryAttention after rotary nodes, past and present as separate tensors. */
function stockGraph(g: GraphBuilder, { hidden, vocabulary, mlp, positions }: Rest, matMul: MatMul) {
  const { queryHeads, kvHeads, headDim } = shape;
  const random = new Random(5);
  const table = (rows: number, width: number) =>
    g.constant(
      Float32Array.from({ length: rows * width }, () => random.next() - 0.5),
      [rows, width],
    );
  const ids = g.input("input_ids", "int64", ["batch_size", "sequence_length"]);
  const mask = g.input("attention_mask", "int64", ["batch_size", "total_sequence_length"]);
  const places = g.input("position_ids", "int64", ["batch_size", "sequence_length"]);
  const [cos, sin] = [table(positions, headDim / 2), table(positions, headDim / 2)];
  const seen = g.node("Sub", [g.node("ReduceSum", [mask, g.ints(1)], { keepdims: 0 }), g.ints(1)]);
  const lengths = [
    g.cast(seen, "int32"),
    g.cast(g.node("Gather", [g.node("Shape", [mask]), g.int(1)]), "int32"),
  ];
  const ones = g.constant(new Float32Array(hidden).fill(1));
  const normed = (x: string) =>
    g.node("SimplifiedLayerNormalization", [x, ones], { axis: -1, epsilon: { float: 1e-6 } });
  const domain = "com.microsoft";
  // A decoded token may be any of the vocabulary; few of them have a row of their own here.
  const rowOfEach = g.node("Mod", [ids, g.int(embeddings)]);
  let x = g.node("Gather", [table(embeddings, hidden), rowOfEach]);
  for (let layer = 0; layer < shape.layers; layer++) {
    const input = normed(x);
    const projected = (heads: number) => matMul(input, hidden, heads * headDim);
    const rotated = (rows: string) =>
      g.node("RotaryEmbedding", [rows, places, cos, sin], {}, { domain });
    const dims = (length: string) => ["batch_size", kvHeads, length, headDim];
    const past = ["key", "value"].map((kind) =>
      g.input(`past_key_values.${layer}.${kind}`, "float32", dims("past_sequence_length")),
    );
    const rows = [rotated(projected(queryHeads)), rotated(projected(kvHeads)), projected(kvHeads)];
    const [context, ...present] = g.nodes(
      "GroupQueryAttention",
      [...rows, ...past, ...lengths],
      [g.fresh("context"), `present.${layer}.key`, `present.${layer}.value`],
      { num_heads: queryHeads, kv_num_heads: kvHeads },
      domain,
    );
    for (const name of present) g.output(name, name, "float32", dims("total_sequence_length"));
    x = g.node("Add", [x, matMul(context, queryHeads * headDim, hidden)]);
    if (!mlp) continue;
    const [gate, up] = [matMul(normed(x), hidden, mlp), matMul(normed(x), hidden, mlp)];
    const gated = g.node("Mul", [g.node("Mul", [gate, g.node("Sigmoid", [gate])]), up]);
    x = g.node("Add", [x, matMul(gated, mlp, hidden)]);
  }
  const logits = matMul(normed(x), hidden, vocabulary, "logits");
  g.output(logits, "logits", "float32", ["batch_size", "sequence_length", vocabulary]);
  return g.build();
}
