/** What rotary turns rows by, on the GPU, for a graph that leaves it to its attention (slotRotary). */
import type { EvictableDecoder } from "../../onnx/evictableDecoder";
import { allocateOnGpu, int64s, type Session, type Tensor } from "../runtime/runtime";

/** Cosines and sines, [rows, headDim / 2] each, by the names that graphs give them. */
export interface Angles extends Record<string, Tensor> {
  slot_cos: Tensor;
  slot_sin: Tensor;
}

/** The angles of any positions, by a graph of its own. */
export class RotaryAngles {
  constructor(
    private readonly session: Pick<Session, "run" | "dispose">,
    private readonly model: Pick<EvictableDecoder, "headDim" | "cacheType" | "rotaryRows">,
  ) {}

  async allocate(rows: number): Promise<Angles> {
    const { headDim, cacheType } = this.model;
    const allocated = () => allocateOnGpu(cacheType, [rows, headDim / 2]);
    return { slot_cos: await allocated(), slot_sin: await allocated() };
  }

  /** Writes those of the positions from `first` on. */
  async write(angles: Angles, first: number): Promise<void> {
    const { rotaryRows = Infinity } = this.model;
    const [rows] = angles.slot_cos.dims;
    // A cache may have slots that no token can take, for the table ends before.
    const positions = Array.from({ length: rows }, (_, i) => Math.min(first + i, rotaryRows - 1));
    await this.session.run({ position_ids: int64s(positions, [1, rows]) }, angles);
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }
}

/** Those of a cache's slots: written anew where something was evicted since, or the cache has grown. */
export class SlotAngles {
  private held?: { first: number; rows: number; angles: Angles };

  constructor(private readonly source: Pick<RotaryAngles, "allocate" | "write">) {}

  /** Of `rows` positions or more, from `first` on. */
  async from(first: number, rows: number): Promise<Angles> {
    if (this.held?.first === first && this.held.rows >= rows) return this.held.angles;
    if (this.held?.rows !== rows) this.dispose();
    const angles = this.held?.angles ?? (await this.source.allocate(rows));
    await this.source.write(angles, first);
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
