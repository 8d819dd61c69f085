import { median } from "d3";
import type { CompactionLayerRecord } from "../../../src/shared/trace/records";

export interface Candidate {
  slot: number;
  position: number;
  score: number;
  retained: boolean;
  /** NaN where the policy knows no such part. */
  importance: number;
  redundancy: number;
}

/** What one head decided about its candidates, best score first. */
export interface Decision {
  candidates: Candidate[];
  /** How many of the candidates were retained: the cut lies behind the last of them. */
  cut: number;
  /** Slots that did not compete: window and pinned prompt. */
  exempt: number[];
  /** Halfway between the worst retained and the best evicted score; NaN where nothing was evicted. */
  cutScore: number;
  /** Of the candidates of either verdict. */
  typical: Record<"retained" | "evicted", Typical>;
}

/** Medians; NaN where there are none. */
export interface Typical {
  importance: number;
  redundancy: number;
}

/** Reads one head's decision out of a layer's record. */
export function decision(layer: CompactionLayerRecord, head: number): Decision {
  const from = head * layer.slots;
  const part = (name: string) => layer.parts.find((candidate) => candidate.name === name)?.values;
  const importance = part("importance");
  const redundancy = part("redundancy");
  const candidates: Candidate[] = [];
  const exempt: number[] = [];
  for (let slot = 0; slot < layer.slots; slot++) {
    const at = from + slot;
    if (Number.isNaN(layer.scores[at])) exempt.push(layer.positions[at]);
    else
      candidates.push({
        slot,
        position: layer.positions[at],
        score: layer.scores[at],
        retained: layer.retained[at] === 1,
        importance: importance?.[at] ?? NaN,
        redundancy: redundancy?.[at] ?? NaN,
      });
  }
  candidates.sort((a, b) => b.score - a.score || Number(b.retained) - Number(a.retained));
  const cut = candidates.filter(({ retained }) => retained).length;
  const [stayed, went] = [true, false].map((verdict) =>
    typicalOf(candidates.filter(({ retained }) => retained === verdict)),
  );
  const typical = { retained: stayed, evicted: went };
  return { candidates, cut, exempt, cutScore: cutScore(candidates), typical };
}

function typicalOf(candidates: Candidate[]): Typical {
  return {
    importance: median(candidates, ({ importance }) => importance) ?? NaN,
    redundancy: median(candidates, ({ redundancy }) => redundancy) ?? NaN,
  };
}

function cutScore(candidates: Candidate[]): number {
  const worstRetained = candidates.findLast(({ retained }) => retained)?.score;
  const bestEvicted = candidates.find(({ retained }) => !retained)?.score;
  if (bestEvicted === undefined) return NaN;
  return worstRetained === undefined ? bestEvicted : (worstRetained + bestEvicted) / 2;
}

/** The score over the cut: positive was retained. In units of the score. */
export function margin(candidate: Candidate, { cutScore }: Decision): number {
  return candidate.score - cutScore;
}

export interface Supposition {
  lambda: number;
  /** Candidates to be retained. */
  retain: number;
  /** [slots] by slot; the logged one where the threshold was not touched. */
  redundancy?: Float32Array;
}

/** Candidates that would fare otherwise: each has the score it would have had. */
export interface Flips {
  savedInstead: Candidate[];
  evictedInstead: Candidate[];
}

/**
 * Ranks the logged importance and redundancy anew. First order only: what later compactions would
 * have made of it is not known.
 */
export function flips({ candidates }: Decision, supposed: Supposition): Flips {
  const { lambda, retain } = supposed;
  const ranked = candidates
    .map((candidate) => {
      const redundancy = supposed.redundancy?.[candidate.slot] ?? candidate.redundancy;
      const score = lambda * candidate.importance - (1 - lambda) * redundancy;
      return { ...candidate, redundancy, score };
    })
    .sort((a, b) => b.score - a.score || Number(b.retained) - Number(a.retained));
  return {
    savedInstead: ranked.slice(0, retain).filter(({ retained }) => !retained),
    evictedInstead: ranked.slice(retain).filter(({ retained }) => retained),
  };
}
