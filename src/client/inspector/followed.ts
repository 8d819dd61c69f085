/** What an inspector is shown, and by whom: its own choice, or that of a chat which it follows. */
import type { OpenTrace } from "./traceBytes";

/** One chain of a trace, and the trace that it is compared with, if any. */
export interface Look {
  /** None where nothing was run yet. */
  traces: OpenTrace[];
  /** Of the first trace, from 0. */
  chain: number;
}

export interface Follower {
  show(look: Look): void;
}

export interface Followed {
  /** What is shown now. */
  readonly look: Look;
  /** Told whenever that is another; in the order in which they came. */
  readonly followers: Set<Follower>;
  /** Undefined where one of the traces is no longer stored. */
  stored(traces: string[], chain: number): Promise<Look | undefined>;
}
