import type { FloatType, LayerAttention } from "../../onnx/evictableDecoder";
import { GraphBuilder } from "../../onnx/graph/graphBuilder";
import { attentionLogits } from "../../policies/graph/attentionLogits";
import type { Device } from "../../shared/settings/settings";
import { float32s, floatsOf, int64s, Session, type Tensor } from "../runtime/runtime";

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
    const session = await this.session;
    const feeds = {
      keys,
      query,
      marked: float32s(marked, [marked.length / slots, slots]),
      length: int64s([slots], [1]),
      scale: float32s(Float32Array.of(scale), []),
      // A cap this large changes nothing: tanh is the identity near 0.
      softcap: float32s(Float32Array.of(softcap > 0 ? softcap : 1e6), []),
    };
    const { share } = await session.run(feeds, ["share"]);
    return floatsOf(share);
  }

  async dispose(): Promise<void> {
    await (await this.session)?.dispose();
  }

  private graph(): Uint8Array {
    const g = new GraphBuilder();
    const cached = g.input("keys", this.cacheType, ["H", "C", "D"]);
    const query = g.input("query", "float32", ["H", "G", "D"]);
    const marked = g.input("marked", "float32", ["H", "n"]);
    const length = g.input("length", "int64", [1]);
    const [scale, softcap] = [g.input("scale", "float32", []), g.input("softcap", "float32", [])];
    const keys = g.cast(g.node("Slice", [cached, g.ints(0), length, g.ints(1)]), "float32");
    const queries = g.node("Unsqueeze", [query, g.ints(2)]);
    const groups = g.node("Shape", [query], { end: 2 });
    const shapes = {
      rows: g.node("Shape", [query]),
      logits: g.node("Concat", [groups, g.ints(1, -1)], { axis: 0 }),
    };
    const logits = attentionLogits(g, { queries, keys, scale, softcap, shapes }); // [H, G, 1, n]
    const attention = g.node("Squeeze", [g.node("Softmax", [logits], { axis: -1 }), g.ints(2)]);
    const column = g.node("Unsqueeze", [marked, g.ints(2)]); // [H, n, 1]
    const perQuery = g.node("MatMul", [attention, column]); // [H, G, 1]
    const share = g.node("ReduceMean", [perQuery, g.ints(1, 2)], { keepdims: 0 });
    g.output(share, "share", "float32", ["H"]);
    return g.build();
  }
}
