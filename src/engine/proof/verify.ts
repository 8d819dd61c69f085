/** The policies against golden cases of the authors' own code, on the chosen device. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Device } from "../../shared/settings/settings";
import type { PolicyCheck } from "../../shared/wire/engineApi";
import { Scorer } from "../compaction/scorer";
import { checkDecision, decidingPolicies } from "./goldenDecision";
import { checkRun } from "./goldenRun";
import { readSafetensors, type Safetensors } from "./safetensors";

/** The policies that a case of several compactions may have answers for. */
const runPolicies = ["rkv", "snapkv"] as const;

type Comparison = Omit<PolicyCheck, "case">;

/** Every case of a folder by every policy it has an answer for. onProgress: after each comparison. */
export async function verifyPolicies(
  folder: string,
  device: Device,
  onProgress: () => void = () => undefined,
): Promise<PolicyCheck[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".safetensors")).sort();
  if (names.length === 0)
    throw new Error(`${folder} holds no .safetensors file: give the folder of the golden vectors.`);
  const scorers = new Scorers(device);
  const checks: PolicyCheck[] = [];
  for (const name of names) {
    const golden = readSafetensors(await readFile(path.join(folder, name)));
    for await (const comparison of checksOf(golden, scorers)) {
      checks.push({ case: path.parse(name).name, ...comparison });
      onProgress();
    }
  }
  await scorers.dispose();
  return checks;
}

/** A case holds one decision, or a run of compactions. */
async function* checksOf(golden: Safetensors, scorers: Scorers): AsyncGenerator<Comparison> {
  const { metadata } = golden;
  const asked = runPolicies.filter((policy) => golden.has(`at.${policy}`));
  for (const policy of asked)
    for await (const comparison of checkRun(
      golden,
      policy,
      scorers.of(metadata[`kernel.${policy}`]),
    ))
      yield { policy, ...comparison };
  if (asked.length > 0) return;
  for (const policy of decidingPolicies)
    yield { policy, ...(await checkDecision(golden, policy, scorers.of(metadata.kernel))) };
}

/** One for each width of the max-pool. */
class Scorers {
  private readonly made = new Map<number, Scorer>();

  constructor(private readonly device: Device) {}

  of(poolWidth: string): Scorer {
    const width = Number(poolWidth);
    const scorer = this.made.get(width) ?? new Scorer(this.device, "float32", width);
    this.made.set(width, scorer);
    return scorer;
  }

  async dispose(): Promise<void> {
    for (const scorer of this.made.values()) await scorer.dispose();
  }
}
