/** The command line: picks the command, and turns what goes wrong into a sentence and a code. */
import { EngineEndedError, modelsDoing } from "../client/engine/engineEnd";
import { remoteErrorName } from "../shared/wire/wire";
import { reasonOf } from "../shared/reasonOf";
import { Arguments, type Command, commandHelp, nearest } from "./arguments";
import { checkCommand } from "./checkCommand";
import { evalCommand } from "./evalCommand";
import { type ExitCode, exitCodeHelp, exitCodes, UsageError } from "./exitCodes";
import { replayCommand } from "./replayCommand";
import { runCommand } from "./runCommand";
import { serveCommand } from "./serveCommand";
import { aside, output } from "./terminal";
import { traceCommand } from "./traceCommand";
import { verifyCommand } from "./verifyCommand";

const commands: Command[] = [
  runCommand,
  serveCommand,
  checkCommand,
  verifyCommand,
  evalCommand,
  traceCommand,
  replayCommand,
];

async function main([name, ...rest]: string[]): Promise<ExitCode> {
  if (name === undefined || name === "help" || name === "--help") {
    const command = commands.find((each) => each.name === rest[0]);
    output.write(command ? commandHelp(command) : overview());
    return exitCodes.done;
  }
  const command = commands.find((each) => each.name === name);
  if (!command) {
    const names = commands.map((each) => each.name);
    throw new UsageError(`There is no command “${name}”; did you mean ${nearest(name, names)}?`);
  }
  const args = Arguments.parse(command.options, rest);
  if (!args.flag("help")) return command.run(args);
  output.write(commandHelp(command));
  return exitCodes.done;
}

function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    "R-KV Lens: local reasoning with a KV cache that you can see through.",
    "",
    "rkv-lens COMMAND …",
    "",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary.split("\n")[0]}`),
    "",
    "rkv-lens COMMAND --help says more.",
    exitCodeHelp,
    "",
  ].join("\n");
}

function codeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return exitCodes.wrongUsage;
  const name = remoteErrorName(error) ?? (error instanceof Error ? error.name : "");
  if (name === "WriteError") return exitCodes.unwritten;
  const isRefusal = /^Model(Refused|FolderError)$/.test(name);
  const hasCrashed = error instanceof EngineEndedError && modelsDoing(error.end) !== undefined;
  return isRefusal || hasCrashed ? exitCodes.refused : exitCodes.failed;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    aside.say(reasonOf(error));
    process.exitCode = codeOf(error);
  },
);
