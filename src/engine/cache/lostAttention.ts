import { GraphBuilder } from "../../onnx/graph/graphBuilder";
import type { LayerAttention } from "../../onnx/evictableDecoder";
import type { Device } from "../../shared/settings/settings";
import {
  float32s,
  floatsOf,
  int64s,
  Session,
  type FloatType,
  type Tensor,
} from "../runtime/runtime";

/** How much of one token's attention falls on marked slots; a model's attention sinks are left out. */
export class LostAttention {
  private session: Promise<Session> | undefined;

  constructor(
    private readonly device: Device,
    private readonly cacheType: FloatType,
  ) {}

  /**
   * keys: [heads, capacity, headDim], of which `slots` are in use; query: [heads, query heads per
   * KV head, headDim]; marked: [heads, slots], 1 where marked. Returns [heads], each 0 to 1.
   */
  async share(
    keys: Tensor,
    query: Tensor,
    marked: Float32Array,
    slots: number,
    { scale, softcap }: LayerAttention,
  ): Promise<Float32Array> {
    this.session ??= Session.create({ bytes: this.graph() }, this.device);
    const { share } = await (
      await this.session
    ).run(
      {
        keys,
        query,
        marked: float32s(marked, [marked.length / slots, slots]),
        length: int64s([slots], [1]),
        scale: float32s(Float32Array.of(scale), []),
        // A cap this large changes nothing: tanh is the identity near 0.
        softcap: float32s(Float32Array.of(softcap > 0 ? softcap : 1e6), []),
      },
      ["share"],
    );
    return floatsOf(share);
  }

  async dispose(): Promise<void> {
    await (await this.session)?.dispose();
  }

  private graph(): Uint8Array {
    const g = new GraphBuilder();
    const keys = g.input("keys", this.cacheType, ["H", "C", "D"]);
    const query = g.input("query", "float32", ["H", "G", "D"]);
    const marked = g.input("marked", "float32", ["H", "n"]);
    const length = g.input("length", "int64", [1]);
    const [scale, cap] = [g.input("scale", "float32", []), g.input("softcap", "float32", [])];
    const rows = g.cast(g.node("Slice", [keys, g.ints(0), length, g.ints(1)]), "float32");
    const turned = g.node("Transpose", [rows], { perm: [0, 2, 1] }); // [H, D, n]
    const scaled = g.node("Mul", [g.node("MatMul", [query, turned]), scale]); // [H, G, n]
    const capped = g.node("Mul", [g.node("Tanh", [g.node("Div", [scaled, cap])]), cap]);
    const attention = g.node("Softmax", [capped], { axis: -1 });
    const column = g.node("Unsqueeze", [marked, g.ints(2)]); // [H, n, 1]
    const perQuery = g.node("MatMul", [attention, column]); // [H, G, 1]
    g.output(g.node("ReduceMean", [perQuery, g.ints(1, 2)], { keepdims: 0 }), "share", "float32", [
      "H",
    ]);
    return g.build();
  }
}
