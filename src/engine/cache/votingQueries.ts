import type { Tensor, Tensors } from "../runtime/runtime";

/**
 * The newest queries of every layer, for the votes of the observation window. They lie where the
 * model computes: `NewestQueries` on the host, `GpuQueries` on the GPU.
 */
export interface VotingQueries {
  /** Most tokens that are kept. */
  readonly window: number;
  /** Tokens whose queries are at hand, at most the window. */
  readonly count: number;

  /** Keeps the newest `window` tokens from now on, those at hand included. */
  resize(window: number): void;
  /** The graph's outputs that hold the queries of a step, with the tensors they are to be written into. */
  fetches(tokens: number): Promise<Record<string, Tensor | null>>;
  /** Takes over what the step returned. */
  take(outputs: Tensors, tokens: number): Promise<void>;
  /** Forgets the newest `tokens`. */
  forget(tokens: number): void;
  /** Goes on with these rows only, in this order; a row may be named more than once. */
  selectRows(rows: readonly number[]): Promise<void>;
  /**
   * [layers · rows · query heads, tokens, headDim] of some layers' newest, oldest first, which stand
   * right before `position`; the caller disposes of it.
   */
  of(layers: readonly number[], tokens: number, position: number): Promise<Tensor>;
  dispose(): void;
}
