/** How the CLI ends; --help lists them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  refused: 2,
  wrongUsage: 64,
  stopped: 130,
} as const;

export const exitCodeHelp = `Exit codes: 0 done, 1 failed (also: a verification that failed), 2 the model is refused,
64 the command line is wrong, 130 stopped by Ctrl-C.`;

/** What is wrong with the command line, in one sentence that says what would be right. */
export class UsageError extends Error {
  override name = "UsageError";
}
