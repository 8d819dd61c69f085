/** Reads a command line against a table of options, and writes the help from the same table. */
import { parseArgs } from "node:util";
import { type ExitCode, exitCodeHelp, UsageError } from "./exitCodes";
import { wrapped } from "./liveView";
import { output } from "./terminal";

/** One option of a command; its name is its key among the Options, without the dashes. */
export interface Option {
  /** What stands for the value in the help, such as N; absent on a switch. */
  value?: string;
  help: string;
}

export type Options = Record<string, Option>;

export interface Command {
  name: string;
  /** What follows the name, such as “[QUESTION]”. */
  operands: string;
  summary: string;
  /** More to know, below the options. */
  notes?: string;
  options: Options;
  run: (args: Arguments) => Promise<ExitCode>;
}

const help: Option = { help: "Print this." };

/** What was given, by the table; values are checked as they are asked for, and a wrong one is a UsageError. */
export class Arguments {
  private constructor(
    readonly operands: string[],
    private readonly values: Record<string, unknown>,
  ) {}

  /** Throws a UsageError for an option that is not in the table, or that lacks its value. */
  static parse(options: Options, given: string[]): Arguments {
    const known: Options = { ...options, help };
    const { values, positionals, tokens } = parseArgs({
      args: given,
      options: Object.fromEntries(
        Object.entries(known).map(([name, { value }]) => [
          name,
          { type: value === undefined ? ("boolean" as const) : ("string" as const) },
        ]),
      ),
      strict: false,
      allowPositionals: true,
      tokens: true,
    });
    for (const token of tokens) if (token.kind === "option") checkOption(known, token);
    return new Arguments(positionals, values);
  }

  /** Whether a switch is there. */
  flag(name: string): boolean {
    return this.values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === "string" ? value : undefined;
  }

  number(name: string, [least, most]: [number, number]): number | undefined {
    return this.inRange(name, least, most, Number.isFinite, "a number");
  }

  integer(name: string, [least, most]: [number, number]): number | undefined {
    return this.inRange(name, least, most, Number.isInteger, "a whole number");
  }

  /** One of the choices, in any case of letters. */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const found = choices.find((choice) => choice === text.toLowerCase());
    if (found !== undefined) return found;
    throw new UsageError(`--${name} cannot be “${text}”: give one of ${choices.join(", ")}.`);
  }

  private inRange(
    name: string,
    least: number,
    most: number,
    isRight: (value: number) => boolean,
    kind: string,
  ): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = text.trim() === "" ? NaN : Number(text);
    if (isRight(value) && value >= least && value <= most) return value;
    throw new UsageError(`--${name} cannot be “${text}”: give ${kind} from ${least} to ${most}.`);
  }
}

/** As wide as the terminal, if it is one. */
export function commandHelp({ name, operands, summary, notes, options }: Command): string {
  const rows = Object.entries({ ...options, help }).map(
    ([option, { value, help }]): [string, string] => [
      `--${option}${value === undefined ? "" : ` ${value}`}`,
      help,
    ],
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  const room = Math.max(30, (output.columns ?? 100) - width - 4);
  const row = (left: string, right: string): string =>
    wrapped(right, room)
      .map((line, i) => `  ${(i === 0 ? left : "").padEnd(width)}  ${line}`)
      .join("\n");
  return [
    `rkv-lens ${name} ${operands}`.trimEnd(),
    "",
    summary,
    "",
    "Options:",
    ...rows.map(([left, right]) => row(left, right)),
    ...(notes === undefined ? [] : ["", notes]),
    "",
    exitCodeHelp,
    "",
  ].join("\n");
}

/** The word of a list that is nearest to a mistyped one. */
export function nearest(word: string, list: readonly string[]): string {
  const distances = list.map((candidate) => editDistance(word, candidate));
  return list[distances.indexOf(Math.min(...distances))];
}

function checkOption(
  known: Options,
  { name, rawName, value }: { name: string; rawName: string; value?: string },
): void {
  if (!Object.hasOwn(known, name) || !rawName.startsWith("--"))
    throw new UsageError(
      `There is no option ${rawName}; did you mean --${nearest(name, Object.keys(known))}?`,
    );
  const placeholder = known[name].value;
  if (placeholder !== undefined && value === undefined)
    throw new UsageError(`--${name} needs a value: --${name} ${placeholder}.`);
  if (placeholder === undefined && value !== undefined)
    throw new UsageError(`--${name} takes no value; leave out “=${value}”.`);
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min(change, row[j] + 1, next[j - 1] + 1);
    }
    row = next;
  }
  return row[b.length];
}
