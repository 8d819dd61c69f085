/** How the CLI ends. */
export const exitCodes = {
  done: 0,
  failed: 1,
  refused: 2,
  wrongUsage: 64,
  unwritten: 74,
  stopped: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const meanings: Record<keyof typeof exitCodes, string> = {
  done: "done",
  failed: "failed, as standard error says; also a verification that failed",
  refused: "the model is refused",
  wrongUsage: "the command line is wrong, or names a file or folder that is not there",
  unwritten: "a trace, a file or the output could not be written",
  stopped: "stopped by Ctrl-C",
};

export const exitCodeHelp = [
  "Exit codes:",
  ...(Object.keys(meanings) as (keyof typeof exitCodes)[]).map(
    (name) => `  ${String(exitCodes[name]).padStart(3)}  ${meanings[name]}`,
  ),
].join("\n");

/** What is wrong with the command line, in one sentence that says what would be right. */
export class UsageError extends Error {
  override name = "UsageError";
}
