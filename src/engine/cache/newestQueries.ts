import { float32s, floatsOf, type Tensor, type Tensors } from "../runtime/runtime";
import { headsOfRows } from "./kvCache";
import type { VotingQueries } from "./votingQueries";

/** Most queries per layer that are kept for voting: the largest window the settings allow. */
export const largestWindow = 256;

/** One ring per layer, time first; heads are the query heads of every row, rows first. */
export class NewestQueries implements VotingQueries {
  /** Per layer [window, heads, headDim] */
  private rings: Float32Array[];
  private held = 0;
  /** Where in the ring the next token goes. */
  private next = 0;
  private readonly headsOfRow: number;

  constructor(
    private readonly layers: number,
    private heads: number,
    private readonly headDim: number,
    private keptTokens: number,
  ) {
    this.headsOfRow = heads;
    this.rings = this.emptyRings();
  }

  get window(): number {
    return this.keptTokens;
  }

  get count(): number {
    return this.held;
  }

  resize(window: number): void {
    if (window === this.keptTokens) return;
    const kept = Math.min(window, this.held);
    const before = this.rings.map((_, layer) => this.timeFirst(layer, kept));
    this.keptTokens = window;
    this.rings = this.emptyRings();
    this.restart(before, kept);
  }

  /** Takes [rows, queryHeads, tokens, headDim] of every layer: the newest tokens, in order. */
  append(queries: readonly Float32Array[], tokens: number): void {
    const { heads, headDim, window } = this;
    for (let token = Math.max(0, tokens - window); token < tokens; token++) {
      queries.forEach((source, layer) => {
        // The heads of one token lie side by side.
        if (tokens === 1) return this.rings[layer].set(source, this.next * heads * headDim);
        for (let head = 0; head < heads; head++) {
          const from = (head * tokens + token) * headDim;
          const to = (this.next * heads + head) * headDim;
          this.rings[layer].set(source.subarray(from, from + headDim), to);
        }
      });
      this.next = (this.next + 1) % window;
      this.held = Math.min(this.held + 1, window);
    }
  }

  fetches(): Promise<Record<string, null>> {
    const names = this.rings.map((_, layer) => [`query.${layer}`, null] as const);
    return Promise.resolve(Object.fromEntries(names));
  }

  take(outputs: Tensors, tokens: number): Promise<void> {
    const queries = this.rings.map((_, layer) => floatsOf(outputs[`query.${layer}`]));
    this.append(queries, tokens);
    return Promise.resolve();
  }

  of(layers: readonly number[], tokens: number): Promise<Tensor> {
    const { heads, headDim } = this;
    const size = heads * tokens * headDim;
    const queries = new Float32Array(layers.length * size);
    layers.forEach((layer, i) => queries.set(this.newest(layer, tokens), i * size));
    return Promise.resolve(float32s(queries, [layers.length * heads, tokens, headDim]));
  }

  selectRows(rows: readonly number[]): Promise<void> {
    this.selectHeads(headsOfRows(rows, this.headsOfRow));
    return Promise.resolve();
  }

  forget(tokens: number): void {
    const forgotten = Math.min(tokens, this.held);
    this.held -= forgotten;
    this.next = (this.next - forgotten + this.keptTokens) % this.keptTokens;
  }

  dispose(): void {
    this.forget(Infinity);
  }

  /** [heads, tokens, headDim] of one layer's newest `tokens`, oldest first. */
  private newest(layer: number, tokens: number): Float32Array {
    const { heads, headDim } = this;
    const times = this.timeFirst(layer, tokens);
    const result = new Float32Array(times.length);
    for (let token = 0; token < tokens; token++)
      for (let head = 0; head < heads; head++) {
        const from = (token * heads + head) * headDim;
        result.set(times.subarray(from, from + headDim), (head * tokens + token) * headDim);
      }
    return result;
  }

  /** Goes on with these heads only, in this order. */
  private selectHeads(heads: readonly number[]): void {
    const { headDim, held } = this;
    const before = this.rings.map((_, layer) => this.timeFirst(layer, held));
    const width = this.heads * headDim;
    this.heads = heads.length;
    this.rings = this.emptyRings();
    const selected = before.map((times) => {
      const result = new Float32Array(held * heads.length * headDim);
      for (let token = 0; token < held; token++)
        heads.forEach((head, i) => {
          const from = token * width + head * headDim;
          result.set(times.subarray(from, from + headDim), (token * heads.length + i) * headDim);
        });
      return result;
    });
    this.restart(selected, held);
  }

  private emptyRings(): Float32Array[] {
    const size = this.keptTokens * this.heads * this.headDim;
    return Array.from({ length: this.layers }, () => new Float32Array(size));
  }

  private restart(timeFirst: readonly Float32Array[], tokens: number): void {
    timeFirst.forEach((times, layer) => this.rings[layer].set(times));
    this.held = tokens;
    this.next = tokens % this.keptTokens;
  }

  /** [tokens, heads, headDim] of the newest `tokens`, oldest first. */
  private timeFirst(layer: number, tokens: number): Float32Array {
    const width = this.heads * this.headDim;
    const result = new Float32Array(tokens * width);
    for (let i = 0; i < tokens; i++) {
      const at = (this.next - tokens + i + this.keptTokens) % this.keptTokens;
      result.set(this.rings[layer].subarray(at * width, (at + 1) * width), i * width);
    }
    return result;
  }
}
