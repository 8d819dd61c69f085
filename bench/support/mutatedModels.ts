/** 20,000 mutated models through check, in processes that are started anew when they die. */
import { Random } from "../../src/shared/random";
import { mutantKinds } from "../../test/support/onnx/modelMutants";
import { outcomes, type Trial, tryMutants } from "../../test/support/onnx/mutantTrials";
import { printTable } from "./table";

const count = 20_000;

export async function mutateModels(seed: number): Promise<void> {
  const trials: Trial[] = [];
  await tryMutants(count, new Random(seed), (trial) => {
    trials.push({ ...trial, mutant: { ...trial.mutant, model: nothing, weights: nothing } });
    if (trials.length % 1000 === 0) console.error(`${trials.length} of ${count}`);
  });
  const rows = mutantKinds.map((kind) =>
    rowOf(
      kind,
      trials.filter(({ mutant }) => mutant.kind === kind),
    ),
  );
  printTable(`Mutated models, checked (seed ${seed})`, [...rows, rowOf("all", trials)]);
}

const nothing = new Uint8Array();

function rowOf(kind: string, trials: readonly Trial[]): Record<string, string> {
  const counts = outcomes.map((outcome) => [
    outcome,
    String(trials.filter((trial) => trial.outcome === outcome).length),
  ]);
  const most = (figures: number[]) => Math.max(0, ...figures.filter(Number.isFinite));
  return {
    kind,
    mutants: String(trials.length),
    ...(Object.fromEntries(counts) as Record<string, string>),
    "slowest, s": (most(trials.map(({ millis }) => millis)) / 1000).toFixed(1),
    "most memory, MB": most(trials.map(({ megabytes }) => megabytes)).toFixed(),
  };
}
