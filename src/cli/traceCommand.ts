import path from "node:path";
import type { Arguments, Command } from "./arguments";
import { existingTrace, jsonOption, onlyOperand } from "./engine";
import { type ExitCode, exitCodes, UsageError } from "./exitCodes";
import { inFile } from "../shared/settings/cacheInFiles";
import { bytes as formatBytes } from "../shared/units";
import { aside, output, pour } from "./terminal";
import { candidatesCsv, fixedColumns } from "./trace/candidatesCsv";
import { figureOptions, refuseWithoutFigure, writeFigure } from "./trace/figure";
import { summarize, summaryInWords, type TraceSummary } from "./trace/summary";
import { unwritten } from "../disk/writeError";
import { synthesize } from "./trace/synthesize";
import { withTrace } from "./trace/traceFile";

export const traceCommand: Command = {
  name: "trace",
  operands: "FILE | synthesize OUT",
  summary: "Say what a trace holds, export it, or make a synthetic one.",
  notes: `--csv prints one row per compaction, layer, KV head and candidate slot, with the columns
${fixedColumns.split(",").join(", ")}, and one for each part of the score.
--json fields: header, settings, chains, kvBytes, kvBytesFull, replay, stopReason, millis, recovery,
damagedRecords. The shape options are for synthesize: a trace like a real one, to try tools with.

--figure writes views of the inspector as they are at one moment, titled and captioned, as SVG, or the
numbers of one as CSV. Positions, layers and heads are counted from 0, chains and compactions from 1.`,
  options: {
    json: jsonOption,
    csv: { help: "Print every candidate of every compaction as CSV." },
    ...figureOptions,
    tokens: { value: "N", help: "synthesize: tokens, prompt included (default 16384)." },
    layers: { value: "N", help: "synthesize: layers (default 28)." },
    heads: { value: "N", help: "synthesize: KV heads (default 2)." },
    "head-dim": { value: "N", help: "synthesize: size of a key (default 128)." },
    compactions: { value: "N", help: "synthesize: compactions (default 128)." },
    budget: { value: "N", help: "synthesize: slots after a compaction (default 1024)." },
    seed: { value: "N", help: "synthesize: same seed, same trace (default 0)." },
  },
  run: async (args) => {
    if (args.operands[0] === "synthesize") return makeTrace(args);
    const named = onlyOperand(args, "trace");
    if (args.flag("json") && args.flag("csv"))
      throw new UsageError("Give --json or --csv, not both.");
    const file = existingTrace(named);
    if (args.text("figure") !== undefined) return writeFigure(file, args);
    refuseWithoutFigure(args);
    return args.flag("csv") ? printCsv(file) : printSummary(file, args.flag("json"));
  },
};

async function printSummary(file: string, asJson: boolean): Promise<ExitCode> {
  const summary = await withTrace(file, summarize);
  if (asJson) output.json({ ...summary, settings: summary.settings.map(asInFile) });
  else output.say(...summaryInWords(summary));
  return exitCodes.done;
}

function asInFile({ position, cache }: TraceSummary["settings"][number]): object {
  return { position, cache: inFile(cache) };
}

async function printCsv(file: string): Promise<ExitCode> {
  return withTrace(file, async (reader) => {
    const warn = (message: string): void => aside.say(`Left out: ${message}`);
    let block = "";
    for await (const line of candidatesCsv(reader, warn)) {
      block += `${line}\n`;
      if (block.length < 65_536) continue;
      await pour(block);
      block = "";
    }
    await pour(block);
    if (reader.recovery.problem !== undefined) warn(reader.recovery.problem);
    return exitCodes.done;
  });
}

async function makeTrace(args: Arguments): Promise<ExitCode> {
  const [, out, ...more] = args.operands;
  if (out === undefined || more.length > 0)
    throw new UsageError("Name one file: rkv-lens trace synthesize OUT.");
  const file = path.resolve(out);
  const bytes = await synthesize(file, {
    tokens: args.integer("tokens", [64, 1_000_000]) ?? 16_384,
    layers: args.integer("layers", [1, 1024]) ?? 28,
    kvHeads: args.integer("heads", [1, 1024]) ?? 2,
    headDim: args.integer("head-dim", [1, 4096]) ?? 128,
    compactions: args.integer("compactions", [0, 100_000]) ?? 128,
    budget: args.integer("budget", [16, 1_000_000]) ?? 1024,
    seed: args.integer("seed", [0, 0xffff_ffff]) ?? 0,
  }).catch(unwritten(file));
  aside.say(`Wrote ${formatBytes(bytes)} to ${out}.`);
  return exitCodes.done;
}
