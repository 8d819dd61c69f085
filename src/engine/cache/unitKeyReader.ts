import { GraphBuilder } from "../../onnx/graph/graphBuilder";
import type { Device } from "../../shared/settings/settings";
import { floatsOf, int64s, Session, type FloatType, type Tensor } from "../runtime/runtime";

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
    const keys = g.input("keys", this.cacheType, ["H", "C", "D"]);
    const [start, end] = [g.input("start", "int64", [1]), g.input("end", "int64", [1])];
    const rows = g.cast(g.node("Slice", [keys, start, end, g.ints(1)]), "float32");
    const length = g.node("ReduceL2", [rows, g.ints(-1)], { keepdims: 1 });
    const unit = g.node("Div", [rows, g.node("Add", [length, g.float(1e-8)])]);
    g.output(unit, "unit", "float32", ["H", "n", "D"]);
    return g.build();
  }
}
