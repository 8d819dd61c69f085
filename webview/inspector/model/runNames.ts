/** What two runs are called beside each other: their policy and budget, and what else tells them apart. */
import { formatBudget } from "../../../src/shared/settings/budget";
import { policyLabel } from "../../../src/shared/settings/policies";
import { cut } from "./numbers";
import type { Run } from "./run";

/** “R-KV at 192 with λ 0.1” and “R-KV at 192 with λ 0.5” */
export function namesOf(run: Run, other: Run): [string, string] {
  const trait = traits.find((one) => one(run) !== one(other));
  if (!trait) return ["this run", "the other"];
  const [mine, theirs] = [run, other].map((one) => {
    const told = trait(one);
    return told === policyOf(one) ? told : `${policyOf(one)} ${told}`;
  });
  return [mine, theirs];
}

const cacheOf = (run: Run) => run.settings.at(-1)?.cache;

/** “R-KV at 192” */
function policyOf(run: Run): string {
  const cache = cacheOf(run);
  if (!cache) return cut(run.header.model);
  if (cache.policy === "full") return "the full cache";
  return `${cut(policyLabel(cache.policy))} at ${formatBudget(cache.budget)}`;
}

/** What runs may differ in, the most telling first. */
const traits: ((run: Run) => string)[] = [
  policyOf,
  ({ header }) => `of ${cut(header.model)}`,
  (run) => `with a buffer of ${cacheOf(run)?.buffer}`,
  (run) => `with λ ${cacheOf(run)?.lambda}`,
  (run) => `with a window of ${cacheOf(run)?.observationWindow}`,
  (run) => `with the prompt ${cacheOf(run)?.pinPrompt ? "pinned" : "not pinned"}`,
  ({ chain }) => `in chain ${chain + 1}`,
  ({ header }) => `at temperature ${header.sampling.temperature}`,
  ({ header }) => `with seed ${header.sampling.seed}`,
  ({ header }) => `on ${cut(header.device)}`,
];
