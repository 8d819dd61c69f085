/** What the command line of `npm run attack` asks for. */
import { parseArgs } from "node:util";
import { UsageError } from "../../src/cli/exitCodes";
import type { Attack } from "./attack";

export interface Asked {
  attacks: readonly Attack[];
  /** Undefined: as often as each attack's long form says. */
  times?: number;
  seed: number;
  markdown: boolean;
}

const options = {
  times: { type: "string" },
  seed: { type: "string" },
  markdown: { type: "boolean", default: false },
} as const;
const usage = "npm run attack -- [ID…] [--times N] [--seed N] [--markdown]";
const largestSeed = 2 ** 32 - 1;

/** Throws a UsageError that says what would be right. */
export function askedOf(args: readonly string[], known: readonly Attack[]): Asked {
  const { values, positionals } = parsed(args);
  const ids = positionals.map((id) => id.toUpperCase());
  const unknown = ids.filter((id) => !known.some((attack) => attack.id === id));
  if (unknown.length > 0)
    throw new UsageError(
      `There is no ${unknown.join(", ")}; there are ${known.map(({ id }) => id).join(", ")}.`,
    );
  const { times, seed, markdown } = values;
  return {
    attacks: known.filter(({ id }) => ids.length === 0 || ids.includes(id)),
    times: times === undefined ? undefined : wholeNumber("--times", times, 1, 1e9),
    seed: seed === undefined ? Date.now() % 1e6 : wholeNumber("--seed", seed, 0, largestSeed),
    markdown,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new UsageError(`${option} ${text}: give a whole number from ${least} to ${most}.`);
}
