/** A decoder as an exporter would write it, attention of a real size and nearly nothing else. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { GraphBuilder } from "../../src/onnx/graphBuilder";
import { Random } from "../../src/shared/random";

/** Attention as in Qwen2.5-1.5B: 12 query heads on 2 KV heads of 128, 28 layers. */
export const shape = {
  layers: 28,
  queryHeads: 12,
  kvHeads: 2,
  headDim: 128,
  hidden: 64,
  vocabulary: 64,
  positions: 8192,
};

/** Writes the model file into a folder of its own, gives it to `use`, and removes both. */
export async function withStockModel<T>(use: (modelFile: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-lens-bench-"));
  try {
    const modelFile = path.join(folder, "model.onnx");
    await writeFile(modelFile, stockGraph());
    return await use(modelFile);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** GroupQueryAttention after rotary nodes, past and present as separate tensors. */
function stockGraph(): Uint8Array {
  const g = new GraphBuilder();
  const random = new Random(3);
  const weights = (...dims: number[]) => {
    const size = dims.reduce((product, dim) => product * dim, 1);
    const values = Float32Array.from({ length: size }, () => (random.next() - 0.5) / 4);
    return g.constant(values, dims);
  };
  const { queryHeads, kvHeads, headDim, hidden, vocabulary, positions } = shape;
  const ids = g.input("input_ids", "int64", ["batch_size", "sequence_length"]);
  const mask = g.input("attention_mask", "int64", ["batch_size", "total_sequence_length"]);
  const places = g.input("position_ids", "int64", ["batch_size", "sequence_length"]);
  const [cos, sin] = [weights(positions, headDim / 2), weights(positions, headDim / 2)];
  const seen = g.node("Sub", [g.node("ReduceSum", [mask, g.ints(1)], { keepdims: 0 }), g.ints(1)]);
  const lengths = [
    g.cast(seen, "int32"),
    g.cast(g.node("Gather", [g.node("Shape", [mask]), g.int(1)]), "int32"),
  ];
  const domain = "com.microsoft";
  let x = g.node("Gather", [weights(vocabulary, hidden), ids]);
  for (let layer = 0; layer < shape.layers; layer++) {
    const projected = (heads: number) => g.node("MatMul", [x, weights(hidden, heads * headDim)]);
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
    x = g.node("Add", [x, g.node("MatMul", [context, weights(queryHeads * headDim, hidden)])]);
  }
  const logits = g.node("MatMul", [x, weights(hidden, vocabulary)], {}, { output: "logits" });
  g.output(logits, "logits", "float32", ["batch_size", "sequence_length", vocabulary]);
  return g.build();
}
