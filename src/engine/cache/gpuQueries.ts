/** Queries that never leave the GPU: each step writes its own into a tensor there, and a compaction puts them together. */
import type { EvictableDecoder } from "../../onnx/evictableDecoder";
import { concat } from "../../onnx/graph/concat";
import type { GraphBuilder } from "../../onnx/graph/graphBuilder";
import { allocateOnGpu, int32s, onGpu, type Tensor, type Tensors } from "../runtime/runtime";
import { turned, turnFeeds } from "./queryRotary";
import type { SlotAngles } from "./rotaryAngles";
import { largestWindow } from "./newestQueries";
import type { VotingQueries } from "./votingQueries";

/** Parts are put together once there are so many. */
const mostParts = 32;

/** Queries of one or several steps: [layers, rows, tokens, width], the first `held` tokens. */
interface Part {
  tensor: Tensor;
  held: number;
}

export class GpuQueries implements VotingQueries {
  window = largestWindow;
  private rows = 1;
  /** Oldest first. */
  private parts: Part[] = [];
  /** A part out of use, for the next step's queries. */
  private spare: Tensor | undefined;
  /** What the step under way writes into. */
  private target: Tensor | undefined;

  /** angles: for a graph that gives its rows before rotary. */
  constructor(
    private readonly model: Pick<
      EvictableDecoder,
      "layers" | "queryHeads" | "headDim" | "cacheType" | "slotRotary"
    >,
    private readonly angles?: SlotAngles,
  ) {}

  get count(): number {
    return Math.min(this.window, this.held);
  }

  resize(window: number): void {
    this.window = window;
    this.dropOldest();
  }

  async fetches(tokens: number): Promise<Record<string, Tensor>> {
    const dims = [this.model.layers.length, this.rows, tokens, this.width];
    this.target?.dispose();
    const fits = this.spare?.dims.every((dim, i) => dim === dims[i]);
    if (!fits) this.spare?.dispose();
    this.target = (fits && this.spare) || (await allocateOnGpu("float32", dims));
    this.spare = undefined;
    return { queries: this.target };
  }

  async take(_outputs: Tensors, tokens: number): Promise<void> {
    if (!this.target) throw new Error("A step's queries came that none was to write.");
    this.parts.push({ tensor: this.target, held: tokens });
    this.target = undefined;
    this.dropOldest();
    if (this.parts.length >= mostParts) await this.merge([...Array(this.rows).keys()]);
  }

  forget(tokens: number): void {
    for (let left = tokens; left > 0;) {
      const last = this.parts.at(-1);
      if (!last) return;
      const forgotten = Math.min(left, last.held);
      last.held -= forgotten;
      left -= forgotten;
      if (last.held === 0) this.parts.pop()?.tensor.dispose();
    }
  }

  async selectRows(rows: readonly number[]): Promise<void> {
    if (this.held > 0) await this.merge(rows);
    this.rows = rows.length;
  }

  async of(layers: readonly number[], tokens: number, position: number): Promise<Tensor> {
    const { model, angles } = this;
    const { queryHeads, headDim, cacheType, slotRotary } = model;
    const count = this.parts.length;
    const kind = slotRotary ? `, turned in ${cacheType} after ${slotRotary.normEpsilon}` : "";
    const { queries } = await onGpu(
      `queries of ${count}, ${tokens} × ${queryHeads} × ${headDim}${kind}`,
      (g) => this.byHead(g, count, tokens),
      {
        ...this.newest(tokens),
        layers: int32s(layers, [layers.length]),
        ...(angles && (await turnFeeds(model, angles, position - tokens, tokens))),
      },
    );
    return queries;
  }

  dispose(): void {
    this.forget(Infinity);
    this.spare?.dispose();
    this.spare = undefined;
  }

  private byHead(g: GraphBuilder, count: number, tokens: number): void {
    const { queryHeads, headDim } = this.model;
    const layers = g.input("layers", "int32", ["l"]);
    const all = g.node("Gather", [newestOf(g, count), layers]);
    const rows = this.angles ? turned(g, all, layers, this.model, tokens) : all;
    const apart = g.node("Reshape", [rows, g.ints(-1, tokens, queryHeads, headDim)]);
    const byHead = g.node("Transpose", [apart], { perm: [0, 2, 1, 3] });
    g.output(byHead, "queries", "float32", ["l·B", queryHeads, tokens, headDim]);
  }

  private get width(): number {
    const { slotRotary, queryHeads, headDim } = this.model;
    return slotRotary?.rowWidth ?? queryHeads * headDim;
  }

  private get held(): number {
    return this.parts.reduce((sum, { held }) => sum + held, 0);
  }

  /** Makes one part of all, with these rows only. */
  private async merge(rows: readonly number[]): Promise<void> {
    const { count } = this;
    const parts = this.parts.length;
    const { queries } = await onGpu(
      `queries of ${parts} by rows`,
      (g) => {
        const chosen = [newestOf(g, parts), g.input("rows", "int32", ["b"])];
        const dims = ["layers", "b", "w", "width"];
        g.output(g.node("Gather", chosen, { axis: 1 }), "queries", "float32", dims);
      },
      { ...this.newest(count), rows: int32s(rows, [rows.length]) },
    );
    this.forget(Infinity);
    this.parts = [{ tensor: queries, held: count }];
  }

  private newest(tokens: number): Tensors {
    const feeds: Tensors = {};
    const places: number[] = [];
    let first = 0;
    this.parts.forEach(({ tensor, held }, i) => {
      feeds[`part.${i}`] = tensor;
      for (let token = 0; token < held; token++) places.push(first + token);
      first += tensor.dims[2];
    });
    const newest = places.slice(places.length - tokens);
    return { ...feeds, tokens: int32s(newest, [newest.length]) };
  }

  /** Lets go of what the window has no need for. */
  private dropOldest(): void {
    while (this.parts.length > 0 && this.held - this.parts[0].held >= this.window) {
      this.spare?.dispose();
      this.spare = this.parts.shift()?.tensor;
    }
  }
}

/** [layers, rows, tokens, width] of all parts, those tokens only whose places are given. */
function newestOf(g: GraphBuilder, count: number): string {
  const parts = Array.from({ length: count }, (_, i) =>
    g.input(`part.${i}`, "float32", ["layers", "rows", `tokens.${i}`, "width"]),
  );
  const tokens = g.input("tokens", "int32", ["w"]);
  return g.node("Gather", [concat(g, parts, 2), tokens], { axis: 2 });
}
