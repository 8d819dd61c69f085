/**
 * A session that can skip its computing: a cache then fills with random rows, as fast as they are
 * made. areAlike: whether a head's rows all point about one way, with a cosine of 3/4, as the keys of
 * trained models do more or less; else no two of them are alike, and R-KV compares each with all.
 */
import {
  float32s,
  type Session,
  type Tensor,
  type Tensors,
} from "../../src/engine/runtime/runtime";
import type { EvictableDecoder } from "../../src/onnx/evictableDecoder";

export class SkippingSession {
  /** While it is set, nothing is computed. */
  isSkipping = false;

  constructor(
    private readonly session: Session,
    readonly model: EvictableDecoder,
    private readonly areAlike = false,
  ) {}

  get device(): Session["device"] {
    return this.session.device;
  }

  run(feeds: Tensors, fetches: Parameters<Session["run"]>[1]): Promise<Tensors> {
    if (!this.isSkipping) return this.session.run(feeds, fetches);
    const [rows, tokens] = feeds.input_ids.dims;
    const names = Object.keys(fetches);
    const outputs = names.map((name) => [name, this.random(name, rows, tokens)]);
    return Promise.resolve(Object.fromEntries(outputs) as Tensors);
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }

  /** An output of the “blocks” layout. */
  private random(name: string, rows: number, tokens: number): Tensor {
    const { queryHeads, kvHeads, headDim, vocabulary } = this.model;
    if (name === "logits")
      return float32s(new Float32Array(rows * vocabulary), [rows, 1, vocabulary]);
    const dims = name.startsWith("query.")
      ? [rows, queryHeads, tokens, headDim]
      : [tokens, rows, kvHeads, headDim];
    const size = dims.reduce((product, dim) => product * dim, 1);
    const common = this.areAlike ? 0.5 : 0;
    const rowSize = dims[dims.length - 1];
    const number = (_: unknown, i: number) =>
      Math.random() - 0.5 + ((i % rowSize) % 3 === 0 ? -common : common);
    return float32s(Float32Array.from({ length: size }, number), dims);
  }
}
