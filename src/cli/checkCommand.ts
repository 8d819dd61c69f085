import { checkModel } from "../client/models/checkModel";
import type { CheckReport } from "../shared/wire/engineApi";
import type { Command } from "./arguments";
import {
  deviceOf,
  deviceOption,
  existingModel,
  jsonOption,
  onlyOperand,
  withEngine,
} from "./engine";
import { exitCodes } from "./exitCodes";
import { output } from "./terminal";

export const checkCommand: Command = {
  name: "check",
  operands: "DIR",
  summary: "Compare a model's own graph with the rewritten one on random ids.",
  notes: `DIR may be one .onnx file of several in a folder; media/model is the bundled model.

JSON fields: supported, pattern, layers, queryHeads, kvHeads, headDim, dtype, device,
maxLogitDifference, maxShiftDifference, maxRoundingDifference, reason.`,
  options: { device: deviceOption, json: jsonOption },
  run: async (args) => {
    const folder = existingModel(onlyOperand(args, "model folder"));
    const device = deviceOf(args);
    const report = await withEngine((engine) => checkModel(engine, { folder, device }));
    if (args.flag("json")) output.json(report);
    else output.say(...reportInWords(report));
    return report.supported ? exitCodes.done : exitCodes.refused;
  },
};

function reportInWords(report: CheckReport): string[] {
  const { supported, pattern, layers, queryHeads, kvHeads, headDim, dtype, device } = report;
  if (!supported) return [`Refused: ${report.reason ?? "no reason was given"}`];
  const lines = [
    `Supported: ${pattern ?? ""}, ${dtype ?? ""}, on ${device ?? "cpu"}`,
    `  ${layers ?? 0} layers, ${queryHeads ?? 0} query heads, ${kvHeads ?? 0} KV heads of ${headDim ?? 0}`,
    `  largest difference of a logit, stock against rewritten: ${exponential(report.maxLogitDifference)}`,
  ];
  if (report.maxShiftDifference !== undefined)
    lines.push(`  with all positions shifted: ${exponential(report.maxShiftDifference)}`);
  if (report.maxRoundingDifference !== undefined)
    lines.push(
      `  with activations rounded to 8 bits, as it runs unless asked not to: ${exponential(report.maxRoundingDifference)}`,
    );
  return lines;
}

function exponential(value: number | undefined): string {
  return value === undefined ? "not measured" : value.toExponential(1);
}
