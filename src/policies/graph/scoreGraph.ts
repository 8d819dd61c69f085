/**
 * The graph in which a policy computes its scores. An input exists once it is asked for, so a
 * graph says by its inputs what its policy looks at.
 * Sizes: H heads (layers · rows · kvHeads), n slots, C capacity of the cache (≥ n), D head size, G
 * query heads per KV head, w queries of the observation window, c = n − window candidates.
 * Slots stand in the policy's own order (Policy.slotOrder), not in that of the cache.
 * Lengths and shapes are inputs too: computed here, they would be nodes on the CPU of a GPU's graph.
 */
import type { FloatType } from "../../onnx/evictableDecoder";
import { concat } from "../../onnx/graph/concat";
import { GraphBuilder, type Dim, type ElementType } from "../../onnx/graph/graphBuilder";

/** Values of the graph: the score and what it was made from, each [H, c]. */
export interface PolicyScores {
  score: string;
  parts: Record<string, string>;
}

export interface ScoreGraphOptions {
  cacheType: FloatType;
  /** Layers that are scored in one run; their caches are of one size. */
  layers: number;
  /**
   * How redundancy finds similar keys: where given, by all cosines of a head at once, of so many
   * heads of the graph's at a time; else block by block, in memory that grows with n and not n².
   */
  wholeHeads?: { atOnce: number; all: number };
  /** Whether attention logits of this layer pass through softcap·tanh(logit/softcap). */
  softcapped: boolean;
  /** Odd number of candidates that importance is max-pooled over. */
  poolWidth: number;
}

/** As in the authors' code; the paper's W has no stated value. */
export const defaultPoolWidth = 7;

export type ScalarName = "lambda" | "similarityThreshold" | "scale" | "softcap";

export class ScoreGraph {
  readonly g = new GraphBuilder();
  private readonly made = new Map<string, string>();

  constructor(readonly options: ScoreGraphOptions) {}

  /** [H, n, D], rotary applied. */
  keys(): string {
    return this.once("keys", () => {
      const { g } = this;
      const { layers, cacheType } = this.options;
      const caches = Array.from({ length: layers }, (_, i) =>
        this.input(`keys.${i}`, cacheType, ["rows", "D"]),
      );
      const ordered = g.node("Gather", [concat(g, caches, 0), this.slots()], { axis: 0 });
      return cacheType === "float32" ? ordered : g.cast(ordered, "float32");
    });
  }

  /** [H, G, w, D], the newest queries, rotary applied. */
  queries(): string {
    return this.input("queries", "float32", ["H", "G", "w", "D"]);
  }

  /** [H, c], uniform in [0, 1), drawn anew for each compaction and layer. */
  noise(): string {
    return this.input("noise", "float32", ["H", "c"]);
  }

  scalar(name: ScalarName): string {
    return this.input(name, "float32", []);
  }

  /** n as an int64 vector of one. */
  length(): string {
    return this.input("length", "int64", [1]);
  }

  /** n as a float32 scalar. */
  lengthAsFloat(): string {
    return this.input("slotCount", "float32", []);
  }

  /** [n] 0, 1, 2 … as float32: each slot's place in the policy's order. */
  slotNumbers(): string {
    return this.input("slotNumbers", "float32", ["n"]);
  }

  /** An int64 vector of `rank` sizes. */
  shape(name: "shape.rows" | "shape.logits", rank: number): string {
    return this.input(name, "int64", [rank]);
  }

  /** [H, n] the same value in every head and slot, or in every head where it is given per slot. */
  inEveryHead(value: string): string {
    return this.g.node("Expand", [value, this.g.node("Shape", [this.slots()])]);
  }

  /** The candidates' part of a value whose last axis counts slots: all but the window. */
  candidatesOf(value: string): string {
    const count = this.input("candidates", "int64", [1]);
    return this.g.node("Slice", [value, this.g.ints(0), count, this.g.ints(-1)]);
  }

  /** One output `scores`, [1 + parts, H, c]: the score, and its parts in their order. */
  build({ score, parts }: PolicyScores): Uint8Array {
    const { g } = this;
    const each = [score, ...Object.values(parts)].map((value) =>
      g.node("Unsqueeze", [value, g.ints(0)]),
    );
    g.output(concat(g, each, 0), "scores", "float32", [each.length, "H", "c"]);
    return g.build();
  }

  /** [H, n] where each slot lies in the caches of all layers, seen as [H · C, D]. */
  private slots(): string {
    return this.input("slots", "int32", ["H", "n"]);
  }

  private input(name: string, type: ElementType, dims: readonly Dim[]): string {
    return this.once(`input ${name}`, () => this.g.input(name, type, dims));
  }

  private once(key: string, make: () => string): string {
    const value = this.made.get(key) ?? make();
    this.made.set(key, value);
    return value;
  }
}
