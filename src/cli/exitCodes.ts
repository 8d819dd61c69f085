/** How the CLI ends. */
const table = {
  done: { code: 0, meaning: "done" },
  failed: { code: 1, meaning: "failed, as standard error says; also a verification that failed" },
  refused: { code: 2, meaning: "the model is refused" },
  wrongUsage: {
    code: 64,
    meaning: "the command line is wrong, or names a file or folder that is not there",
  },
  unwritten: { code: 74, meaning: "a trace, a file or the output could not be written" },
  stopped: { code: 130, meaning: "stopped by Ctrl-C" },
} as const;

type Table = typeof table;

/** The codes by their names. */
export const exitCodes = Object.fromEntries(
  Object.entries(table).map(([name, { code }]) => [name, code]),
) as { [Name in keyof Table]: Table[Name]["code"] };

export type ExitCode = Table[keyof Table]["code"];

/** The last lines of every help. */
export const exitCodeHelp = [
  "Exit codes:",
  ...Object.values(table).map(({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}`),
].join("\n");

/** What is wrong with the command line, in one sentence that says what would be right. */
export class UsageError extends Error {
  override name = "UsageError";
}
