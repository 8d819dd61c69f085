import type { PolicyCheck } from "../shared/wire/engineApi";
import type { Command } from "./arguments";
import {
  deviceOf,
  deviceOption,
  existingFolder,
  jsonOption,
  onlyOperand,
  withEngine,
} from "./engine";
import { exitCodes } from "./exitCodes";
import { table } from "./table";
import { output } from "./terminal";

const tolerance = 1e-6;

export const verifyCommand: Command = {
  name: "verify",
  operands: "DIR",
  summary: "Compare the policies with golden cases: safetensors computed by the methods' authors.",
  notes: `A case passes when every score is within ${tolerance} and the kept slots are the same.
The repository has single decisions in test/fixtures/golden, and runs of nine compactions in
test/fixtures/sequences. “auto” is the CPU here.
JSON: an array of case, policy, compaction (of a run), maxScoreDifference (of a decision), keptEqual.`,
  options: { device: deviceOption, json: jsonOption },
  run: async (args) => {
    const folder = existingFolder(onlyOperand(args, "folder of golden cases"), "the golden cases");
    const device = deviceOf(args);
    const checks = await withEngine((engine) => engine.request("verify", { folder, device }));
    if (args.flag("json")) output.json(checks);
    else output.say(...checksInWords(checks));
    return checks.length > 0 && checks.every(passes) ? exitCodes.done : exitCodes.failed;
  },
};

function passes({ maxScoreDifference = 0, keptEqual }: PolicyCheck): boolean {
  return keptEqual && maxScoreDifference <= tolerance;
}

function checksInWords(checks: PolicyCheck[]): string[] {
  const cases = new Map<string, boolean>();
  for (const check of checks)
    cases.set(check.case, (cases.get(check.case) ?? true) && passes(check));
  const passed = [...cases.values()].filter(Boolean).length;
  const rows = checks.map((check) => [
    check.case,
    check.policy,
    check.compaction === undefined ? "–" : `${check.compaction + 1}`,
    check.maxScoreDifference?.toExponential(1) ?? "–",
    check.keptEqual ? "same" : "differ",
    passes(check) ? "pass" : "FAIL",
  ]);
  return [
    ...table(["case", "policy", "compaction", "score difference", "kept", ""], rows),
    `${passed} of ${cases.size} cases pass.`,
  ];
}
