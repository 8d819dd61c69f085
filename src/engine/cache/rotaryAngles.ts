/** What rotary turns rows by, on the GPU, for a graph that leaves it to its attention (slotRotary). */
import type { EvictableDecoder, FloatType } from "../../onnx/evictableDecoder";
import type { GraphBuilder } from "../../onnx/graph/graphBuilder";
import { int64s, onGpu, type Session, type Tensor, type Tensors } from "../runtime/runtime";

/** Cosines and sines, [rows, headDim / 2] each, by the names that graphs give them. */
export interface Angles extends Record<string, Tensor> {
  slot_cos: Tensor;
  slot_sin: Tensor;
}

/**
 * The angles of any positions, by a graph of its own on the CPU: what a GPU calls a sine may be off
 * by 2⁻¹¹, and by more where angles are large.
 */
export class RotaryAngles {
  private norm: Promise<Tensor> | undefined;

  constructor(
    private readonly session: Pick<Session, "run" | "dispose">,
    private readonly model: Pick<EvictableDecoder, "cacheType" | "rotaryRows">,
  ) {}

  /** Of `rows` positions from `first` on; the caller disposes of them. */
  async from(first: number, rows: number): Promise<Angles> {
    const { cacheType, rotaryRows = Infinity } = this.model;
    // A cache may have slots that no token can take, for the table ends before.
    const positions = Array.from({ length: rows }, (_, i) => Math.min(first + i, rotaryRows - 1));
    const feeds = { position_ids: int64s(positions, [1, rows]) };
    const angles = await this.session.run(feeds, ["slot_cos", "slot_sin"]);
    const { slot_cos, slot_sin } = await copiedToGpu(angles, cacheType);
    return { slot_cos, slot_sin };
  }

  /** [layers, headDim] the weights of the norms that queries lack, where the model has a normEpsilon. */
  queryNorm(): Promise<Tensor> {
    return (this.norm ??= this.readNorm());
  }

  async dispose(): Promise<void> {
    (await this.norm)?.dispose();
    await this.session.dispose();
  }

  private async readNorm(): Promise<Tensor> {
    const norm = await this.session.run({ position_ids: int64s([0], [1, 1]) }, ["query_norm"]);
    return (await copiedToGpu(norm, this.model.cacheType)).query_norm;
  }
}

/** Tables of two dimensions, by the same names. */
function copiedToGpu(tables: Tensors, type: FloatType): Promise<Tensors> {
  const names = Object.keys(tables);
  const feeds = Object.fromEntries(names.map((name) => [`host.${name}`, tables[name]]));
  const fill = (g: GraphBuilder) => {
    for (const name of names) {
      const dims = [`${name} rows`, `${name} width`];
      g.output(g.input(`host.${name}`, type, dims), name, type, dims);
    }
  };
  return onGpu(`copy ${names.join()} ${type}`, fill, feeds);
}

/** Those of a cache's slots: made anew where something was evicted since, or the cache has grown. */
export class SlotAngles {
  private held?: { first: number; rows: number; angles: Angles };

  constructor(private readonly source: Pick<RotaryAngles, "from" | "queryNorm">) {}

  /** See RotaryAngles. */
  queryNorm(): Promise<Tensor> {
    return this.source.queryNorm();
  }

  /** Of `rows` positions or more, from `first` on. */
  async from(first: number, rows: number): Promise<Angles> {
    if (this.held?.first === first && this.held.rows >= rows) return this.held.angles;
    this.dispose();
    const angles = await this.source.from(first, rows);
    this.held = { first, rows, angles };
    return angles;
  }

  /** Angles that hold those of these positions, and the row in which they begin. */
  async with(first: number, count: number): Promise<{ angles: Angles; row: number }> {
    const { held } = this;
    const isHeld = held && held.first <= first && first + count <= held.first + held.rows;
    if (isHeld) return { angles: held.angles, row: first - held.first };
    return { angles: await this.from(first, count), row: 0 };
  }

  dispose(): void {
    this.held?.angles.slot_cos.dispose();
    this.held?.angles.slot_sin.dispose();
    this.held = undefined;
  }
}
