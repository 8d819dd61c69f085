import type { FloatType } from "../../onnx/evictableDecoder";
import { GraphBuilder } from "../../onnx/graph/graphBuilder";
import { unitKeys } from "../../policies/graph/unitKeys";
import type { Device } from "../../shared/settings/settings";
import { floatsOf, int64s, Session, type Tensor } from "../runtime/runtime";

/** Keys after rotary, each divided by its length: the dot product of two is their cosine. */
export interface UnitKeys {
  layer: number;
  firstPosition: number;
  count: number;
  /** [rows · kvHeads, count, headDim] */
  keys: Float32Array;
}

/** Reads a layer's newest keys off its device, each divided by its length. */
export class UnitKeyReader {
  private session: Promise<Session> | undefined;

  constructor(
    private readonly device: Device,
    private readonly cacheType: FloatType,
  ) {}

  /** `keys` is [heads, capacity, headDim], of which `slots` are in use; returns [heads, count, headDim]. */
  async read(keys: Tensor, slots: number, count: number): Promise<Float32Array> {
    this.session ??= Session.create({ bytes: this.graph() }, this.device);
    const feeds = { keys, start: int64s([slots - count], [1]), end: int64s([slots], [1]) };
    const { unit } = await (await this.session).run(feeds, ["unit"]);
    return floatsOf(unit);
  }

  async dispose(): Promise<void> {
    await (await this.session)?.dispose();
  }

  private graph(): Uint8Array {
    const g = new GraphBuilder();
    const cached = g.input("keys", this.cacheType, ["H", "C", "D"]);
    const [start, end] = [g.input("start", "int64", [1]), g.input("end", "int64", [1])];
    const keys = g.cast(g.node("Slice", [cached, start, end, g.ints(1)]), "float32");
    g.output(unitKeys(g, keys), "unit", "float32", ["H", "n", "D"]);
    return g.build();
  }
}
