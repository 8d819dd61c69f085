/**
 * One decision against the authors' own code: the same graph and the same selection as in a run.
 * Layout of a case: test/fixtures/README.md.
 */
import { defaultCacheSettings } from "../../shared/settings/settings";
import type { PolicyCheck } from "../../shared/wire/engineApi";
import {
  byPosition,
  type LayerContents,
  type LayerQueries,
  type LayerScores,
  type Scorer,
} from "../compaction/scorer";
import { selectSlots } from "../compaction/selection";
import { float32s } from "../runtime/runtime";
import type { Safetensors } from "./safetensors";

/** Largest difference from the golden value that passes; within it a tie may fall either way. */
export const scoreTolerance = 1e-6;

/** The golden values of each policy; StreamingLLM has no scores to compare. */
const goldens = {
  rkv: { kept: "kept.rkv", score: "score", compared: ["score", "importance", "redundancy"] },
  snapkv: { kept: "kept.snapkv", score: "importance", compared: ["score", "importance"] },
  "streaming-llm": { kept: "kept.streamingllm", score: undefined, compared: [] },
} as const;
type CheckedPolicy = keyof typeof goldens;

/** Each of them is in every case. */
export const decidingPolicies = Object.keys(goldens) as CheckedPolicy[];

/** The policy's scores and kept slots beside the case's own. Rejects where the case lacks a tensor. */
export async function checkDecision(
  golden: Safetensors,
  policy: CheckedPolicy,
  scorer: Scorer,
): Promise<Pick<PolicyCheck, "maxScoreDifference" | "keptEqual">> {
  const { observation_window, budget, lambda_, threshold } = golden.metadata;
  const window = Number(observation_window);
  const settings = {
    ...defaultCacheSettings,
    policy,
    observationWindow: window,
    lambda: Number(lambda_),
    similarityThreshold: Number(threshold),
  };
  const contents = contentsOf(golden);
  const [scored] = await scorer.score([contents], queriesOf(golden), settings);
  const candidates = contents.slots - window;
  const { slots: kept } = selectSlots({
    candidates,
    window,
    budget: Number(budget),
    scores: scored.scores,
    pinned: Array<number>(scored.scores.length / candidates).fill(0),
  });
  return {
    maxScoreDifference: largestDifference(golden, policy, scored),
    keptEqual: sameSlots(golden, policy, kept, candidates),
  };
}

function contentsOf(golden: Safetensors): LayerContents {
  const [heads, slots, headDim] = golden.shape("key");
  const [, window] = golden.shape("query");
  return {
    attention: { scale: 1 / Math.sqrt(headDim), softcap: 0 },
    keys: () => float32s(golden.floats("key"), [heads, slots, headDim]),
    slots,
    capacity: slots,
    order: byPosition(heads, slots),
    noise: () => new Float32Array(heads * (slots - window)),
  };
}

function queriesOf(golden: Safetensors): LayerQueries {
  const [heads] = golden.shape("key");
  const [queryHeads, window, headDim] = golden.shape("query");
  const dims = [heads, queryHeads / heads, window, headDim] as const;
  return { dims, tensor: () => float32s(golden.floats("query"), dims) };
}

function largestDifference(golden: Safetensors, policy: CheckedPolicy, scored: LayerScores) {
  const { score, compared } = goldens[policy];
  const ours = new Map(scored.parts.map(({ name, values }) => [name, values]));
  if (score) ours.set("score", scored.scores);
  let largest = 0;
  for (const name of compared) {
    const values = ours.get(name);
    const expected = golden.floats(name === "score" && score ? score : name);
    if (values?.length !== expected.length) return Infinity;
    values.forEach((v, i) => (largest = Math.max(largest, Math.abs(v - expected[i]))));
  }
  return largest;
}

/** Whether every head retains the same slots, but for those whose golden score lies at the cut. */
function sameSlots(
  golden: Safetensors,
  policy: CheckedPolicy,
  kept: Int32Array,
  candidates: number,
) {
  const { kept: column, score } = goldens[policy];
  const [heads, budget] = golden.shape(column);
  const expected = golden.ints(column);
  const scores = score && golden.floats(score);
  for (let head = 0; head < heads; head++) {
    const theirs = new Set(expected.subarray(head * budget, (head + 1) * budget));
    const mine = new Set(kept.subarray(head * budget, (head + 1) * budget));
    const differing = [...theirs, ...mine].filter((slot) => !theirs.has(slot) || !mine.has(slot));
    if (differing.length === 0) continue;
    if (!scores || theirs.size !== mine.size) return false;
    const scoreOf = (slot: number) => scores[head * candidates + slot];
    const inCandidates = [...theirs].filter((slot) => slot < candidates).map(scoreOf);
    const cut = Math.min(...inCandidates);
    if (!differing.every((slot) => Math.abs(scoreOf(slot) - cut) <= scoreTolerance)) return false;
  }
  return true;
}
