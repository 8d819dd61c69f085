/**
 * What activations rounded to 8 bits cost in right answers: the bundled model with int4 weights, as
 * it runs by itself and with its export's own activations, on the same problems.
 * `npm run bench -- rounding 50` takes another number of problems than 300.
 */
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { CellResult } from "../src/cli/eval/grid";
import type { CheckReport } from "../src/shared/wire/engineApi";
import { int4Model } from "./support/int4Model";
import { printTable } from "./support/table";

const [, , problems = "300"] = process.argv;
const ways = { rounded: [], "the export's own": ["--full-activations"] };

/** What a command of the terminal prints as JSON. */
async function printed<T>(...command: string[]): Promise<T> {
  const args = ["dist/cli.js", ...command, "--device", "cpu", "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as T;
}

async function measure(folder: string): Promise<void> {
  await cp("media/model", folder, { recursive: true });
  const modelFile = path.join(folder, "onnx", "model.onnx");
  await writeFile(modelFile, int4Model(await readFile(modelFile)));
  const check = await printed<CheckReport>("check", folder);
  const rows: Record<string, string>[] = [];
  for (const [activations, flags] of Object.entries(ways)) {
    const asked = ["--policies", "full,rkv", "--budgets", "16%", "--max-tokens", "4096"];
    const model = ["--model", folder, "--problems", problems, ...flags];
    const { cells } = await printed<{ cells: CellResult[] }>("eval", ...model, ...asked);
    const right = cells.map(({ policy, budget, accuracy }) => {
      return [`${policy} ${budget}`, `${(100 * accuracy).toFixed(1)} %`];
    });
    rows.push({ activations, ...(Object.fromEntries(right) as Record<string, string>) });
  }
  const moved = check.maxRoundingDifference?.toExponential(1) ?? "0";
  printTable(`${problems} problems, int4; rounding moves a logit by at most ${moved}`, rows);
}

async function main(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-lens-bench-"));
  try {
    await measure(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

void main();
