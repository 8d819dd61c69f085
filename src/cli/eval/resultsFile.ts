/**
 * Outcomes as JSON lines, appended one by one: an evaluation that was stopped goes on where it was.
 * The first line says what was asked, so that results of something else are never mixed in.
 */
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { unwritten } from "../../disk/writeError";
import { UsageError } from "../exitCodes";
import type { Outcome } from "./grid";

export class ResultsFile {
  private constructor(
    readonly outcomes: Outcome[],
    private readonly name: string | undefined,
  ) {}

  /** Without a name, results live in memory only. Throws a UsageError for another evaluation's. */
  static async open(name: string | undefined, asked: object): Promise<ResultsFile> {
    if (name === undefined) return new ResultsFile([], name);
    const text = await readFile(name, "utf8").catch(() => "");
    if (text === "") {
      await writeFile(name, `${JSON.stringify(asked)}\n`).catch(unwritten(name));
      return new ResultsFile([], name);
    }
    // A kill can cut the last line; what follows it must not be glued to it.
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole !== text) await writeFile(name, whole).catch(unwritten(name));
    const [first, ...rest] = whole.trimEnd().split("\n").map(jsonOf);
    if (!isDeepStrictEqual(first, jsonOf(JSON.stringify(asked))))
      throw new UsageError(
        `${name} holds the results of an evaluation with other options; give another --out.`,
      );
    return new ResultsFile(rest as Outcome[], name);
  }

  async add(outcome: Outcome): Promise<void> {
    this.outcomes.push(outcome);
    if (this.name === undefined) return;
    const line = `${JSON.stringify(outcome)}\n`;
    await appendFile(this.name, line).catch(unwritten(this.name));
  }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
