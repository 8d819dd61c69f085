/**
 * The bench's model as llama.cpp reads it: a GGUF file of the same shape, Q4_0, random weights, and
 * a vocabulary of words that mean nothing.
 */
import { randomFillSync } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { shape, wholeModel } from "./stockModel";

/** Of GGUF 3. */
const types = { uint32: 4, int32: 5, float32: 6, string: 8, array: 9 };
const [float32, q4] = [0, 2];
const alignment = 32;
/** A block of Q4_0: a float16 scale, and 32 numbers of 4 bits. */
const [blockWeights, blockBytes] = [32, 18];
/** float16 bits of a scale about as large as a trained one. */
const someScale = 0x1c00;

interface Tensor {
  name: string;
  /** The axis that a product sums over comes first. */
  dims: number[];
  type: number;
}

/** Writes the file; about 1 GB. */
export function writeGguf(file: string): void {
  const tensors = allTensors();
  const descriptor = openSync(file, "w");
  try {
    const head = headOf(tensors);
    writeSync(descriptor, padded(head));
    for (const tensor of tensors) writeSync(descriptor, padded(dataOf(tensor)));
  } finally {
    closeSync(descriptor);
  }
}

function allTensors(): Tensor[] {
  const { layers, queryHeads, kvHeads, headDim } = shape;
  const { hidden, vocabulary, mlp } = wholeModel;
  const [queries, keys] = [queryHeads * headDim, kvHeads * headDim];
  const product = (name: string, from: number, to: number): Tensor => {
    return { name: `${name}.weight`, dims: [from, to], type: q4 };
  };
  const norm = (name: string): Tensor => {
    return { name: `${name}.weight`, dims: [hidden], type: float32 };
  };
  const layer = (i: number) => [
    norm(`blk.${i}.attn_norm`),
    product(`blk.${i}.attn_q`, hidden, queries),
    product(`blk.${i}.attn_k`, hidden, keys),
    product(`blk.${i}.attn_v`, hidden, keys),
    product(`blk.${i}.attn_output`, queries, hidden),
    norm(`blk.${i}.ffn_norm`),
    product(`blk.${i}.ffn_gate`, hidden, mlp),
    product(`blk.${i}.ffn_up`, hidden, mlp),
    product(`blk.${i}.ffn_down`, mlp, hidden),
  ];
  return [
    product("token_embd", hidden, vocabulary),
    ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
    norm("output_norm"),
    product("output", hidden, vocabulary),
  ];
}

function headOf(tensors: readonly Tensor[]): Buffer {
  const parts = [Buffer.from("GGUF"), uint32(3), uint64(tensors.length)];
  const facts = allFacts();
  parts.push(uint64(facts.length), ...facts);
  let offset = 0;
  for (const { name, dims, type } of tensors) {
    parts.push(text(name), uint32(dims.length), ...dims.map(uint64), uint32(type), uint64(offset));
    offset += Math.ceil(bytesOf({ name, dims, type }) / alignment) * alignment;
  }
  return Buffer.concat(parts);
}

function allFacts(): Buffer[] {
  const { layers, queryHeads, kvHeads, headDim } = shape;
  const { hidden, vocabulary, mlp } = wholeModel;
  const fact = (key: string, type: number, value: Buffer) =>
    Buffer.concat([text(key), uint32(type), value]);
  const count = (key: string, value: number) => fact(key, types.uint32, uint32(value));
  const words = (key: string, values: string[]) =>
    fact(key, types.array, list(types.string, values.map(text)));
  return [
    fact("general.architecture", types.string, text("llama")),
    count("llama.block_count", layers),
    count("llama.context_length", 32_768),
    count("llama.embedding_length", hidden),
    count("llama.feed_forward_length", mlp),
    count("llama.attention.head_count", queryHeads),
    count("llama.attention.head_count_kv", kvHeads),
    count("llama.rope.dimension_count", headDim),
    count("llama.vocab_size", vocabulary),
    fact("llama.attention.layer_norm_rms_epsilon", types.float32, float(1e-6)),
    fact("tokenizer.ggml.model", types.string, text("gpt2")),
    fact("tokenizer.ggml.pre", types.string, text("qwen2")),
    words(
      "tokenizer.ggml.tokens",
      Array.from({ length: vocabulary }, (_, i) => `w${i}`),
    ),
    fact(
      "tokenizer.ggml.token_type",
      types.array,
      list(types.int32, Array<Buffer>(vocabulary).fill(uint32(1))),
    ),
    words("tokenizer.ggml.merges", ["w 0"]),
    count("tokenizer.ggml.bos_token_id", 0),
    count("tokenizer.ggml.eos_token_id", 0),
  ];
}

function bytesOf({ dims, type }: Tensor): number {
  const numbers = dims.reduce((product, dim) => product * dim, 1);
  return type === float32 ? 4 * numbers : (numbers / blockWeights) * blockBytes;
}

function dataOf(tensor: Tensor): Buffer {
  const bytes = Buffer.alloc(bytesOf(tensor));
  if (tensor.type === float32) {
    for (let at = 0; at < bytes.length; at += 4) bytes.writeFloatLE(1, at);
    return bytes;
  }
  randomFillSync(bytes);
  for (let at = 0; at < bytes.length; at += blockBytes) bytes.writeUInt16LE(someScale, at);
  return bytes;
}

function padded(bytes: Buffer): Buffer {
  const more = -bytes.length & (alignment - 1);
  return more === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(more)]);
}

function list(type: number, elements: readonly Buffer[]): Buffer {
  return Buffer.concat([uint32(type), uint64(elements.length), ...elements]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function float(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
