/** What every attack of docs/trust.md is: one threat, tried on the real program, with its goal. */
import type { Random } from "../../src/shared/random";

export interface Attack {
  id: `T${number}`;
  /** What is done to the program. */
  what: string;
  /** What must hold, with its figure. */
  goal: string;
  /** How often in `npm test`, or the test file that is the short form. */
  short: number | { inTests: string };
  /** How often in `npm run attack`. */
  long: number;
  /** Why it cannot be tried on this machine, in a sentence; undefined where it can. */
  absent?: () => string | undefined;
  /**
   * Tries `times` times and resolves to what was seen, in words with figures for the table.
   * Rejects where the goal is missed. All that is drawn is drawn from `chance`, so that a seed
   * repeats a failure.
   */
  run: (times: number, chance: Random, tell: (progress: string) => void) => Promise<string>;
}
