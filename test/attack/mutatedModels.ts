import assert from "node:assert/strict";
import { type Trial, tryMutants } from "../support/onnx/mutantTrials";
import type { Attack } from "./attack";

const mostMillis = 10_000;
const mostMegabytes = 2_000;

export const mutatedModels: Attack = {
  id: "T1",
  what: "model files with flipped bits, wrong attributes, sizes, types and places, through check",
  goal: "host alive; every crash reported as the file's; none over 10 s or 2 GB",
  short: 300,
  long: 20_000,
  run: async (times, chance, tell) => {
    const trials: Omit<Trial, "mutant">[] = [];
    await tryMutants(times, chance, ({ mutant, ...trial }) => {
      trials.push(trial);
      assert.ok(holds(trial), `${mutant.kind}: ${JSON.stringify(trial)}`);
      if (trials.length % 1000 === 0) tell(`${trials.length} tried`);
    });
    const count = (outcome: string) => trials.filter((trial) => trial.outcome === outcome).length;
    const refused = count("refused");
    assert.ok(
      refused > times / 2 && count("passed") > 0,
      "mutants that change nothing prove nothing",
    );
    const slowest = Math.max(...trials.map(({ millis }) => millis)) / 1000;
    const most = Math.max(...trials.map(({ megabytes }) => megabytes || 0));
    return `${times} tried, ${refused} refused, ${count("crash reported")} crashes reported, slowest ${slowest.toFixed(1)} s, most ${most.toFixed()} MB`;
  },
};

function holds({ outcome, millis, megabytes }: Omit<Trial, "mutant">): boolean {
  const isAnswer = outcome !== "failed" && outcome !== "hung";
  return isAnswer && millis <= mostMillis && !(megabytes > mostMegabytes);
}
