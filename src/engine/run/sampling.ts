/**
 * Choosing the next token. Order of operations as in transformers' generate(): repetition penalty,
 * temperature, top-k, top-p, min-p, draw. (llama.cpp applies the temperature last, so its top-p
 * keeps other tokens at temperatures other than 1.)
 */
import { Random } from "../../shared/random";
import type { SamplingSettings } from "../../shared/settings/settings";
import { DescendingOrder } from "./descendingOrder";
import { expOf } from "./expOf";

/** Its message is for people. */
export class NonFiniteLogitsError extends Error {
  override readonly name = "NonFiniteLogitsError";

  constructor(token: number, value: number) {
    super(
      `The model gave ${value} as the logit of token ${token}: its numbers overflowed, so the run ends here; try another device or an fp32 export.`,
    );
  }
}

/** Ranges of scores that top-k counts tokens in. */
const rangeCount = 4096;

/** Chooses for all chains of a run; nothing of a vocabulary's size is allocated after construction. */
export class Sampler {
  /** Natural log of the last chosen token's probability under the model as it is: no penalty, no temperature. */
  logProb = 0;

  private readonly random: Random[];
  /** [chains][vocabulary] 1 where the chain's text already has the token. */
  private readonly seen: Uint8Array[];
  /** With the repetition penalty; empty without. */
  private readonly penalised: Float32Array;
  /** exp of the tempered score of each candidate, 1 for the likeliest token. */
  private readonly weights: Float64Array;
  private readonly order: DescendingOrder;
  /** Ids, by id until they are ordered. */
  private readonly candidates: Uint32Array;
  private readonly counts = new Uint32Array(rangeCount);

  constructor(
    private readonly settings: SamplingSettings,
    private readonly vocabulary: number,
    chains = 1,
  ) {
    this.random = Array.from({ length: chains }, (_, chain) => new Random(settings.seed, chain));
    const penalised = settings.repetitionPenalty === 1 ? 0 : vocabulary;
    this.seen = Array.from({ length: chains }, () => new Uint8Array(penalised));
    this.penalised = new Float32Array(penalised);
    this.weights = new Float64Array(vocabulary);
    this.candidates = new Uint32Array(vocabulary);
    this.order = new DescendingOrder(this.candidates, this.weights);
  }

  /** Tells which tokens the chain's text has: the prompt's. Chosen tokens are noted by themselves. */
  note(ids: Iterable<number>, chain = 0): void {
    for (const id of ids) this.seen[chain][id] = 1;
  }

  /**
   * The chain's next token. logits: [rows, vocabulary], of which `row` is the chain's.
   * Throws NonFiniteLogitsError where the model gave NaN or an infinity.
   */
  choose(logits: Float32Array, chain = 0, row = chain): number {
    const { temperature, repetitionPenalty } = this.settings;
    const own = logits.subarray(row * this.vocabulary, (row + 1) * this.vocabulary);
    const ends = extremes(own);
    const logSum = logSumExp(own, ends);
    const isPenalised = repetitionPenalty !== 1;
    const scores = isPenalised ? this.penalise(own, chain) : own;
    const endsNow = isPenalised ? extremes(scores) : ends;
    const id = temperature === 0 ? endsNow.first : this.draw(scores, endsNow, chain);
    this.seen[chain][id] = 1;
    this.logProb = own[id] - logSum;
    return id;
  }

  /** Keskar et al. 2019, as in transformers: over the whole text, prompt included. */
  private penalise(logits: Float32Array, chain: number): Float32Array {
    const { penalised } = this;
    const { repetitionPenalty } = this.settings;
    const seen = this.seen[chain];
    for (let id = 0; id < seen.length; id++) {
      const score = logits[id];
      const changed = score < 0 ? score * repetitionPenalty : score / repetitionPenalty;
      penalised[id] = seen[id] === 0 ? score : changed;
    }
    return penalised;
  }

  private draw(scores: Float32Array, ends: Extremes, chain: number): number {
    const kept = this.keep(scores, ends);
    let mass = 0;
    for (let i = 0; i < kept; i++) mass += this.weights[this.candidates[i]];
    let left = this.random[chain].next() * mass;
    for (let i = 0; i < kept - 1; i++) {
      left -= this.weights[this.candidates[i]];
      if (left < 0) return this.candidates[i];
    }
    return this.candidates[kept - 1];
  }

  /** Puts the tokens to draw from at the front of `candidates`; returns how many there are. */
  private keep(scores: Float32Array, ends: Extremes): number {
    const { topK, topP, minP } = this.settings;
    if (topK > 0) return this.keepLikeliest(scores, ends);
    if (topP === 1) return this.weigh(scores, ends, minP).count;
    // Tokens that share less than 1 − topP between them all can never be in the nucleus.
    const { count, total } = this.weigh(scores, ends, (1 - topP) / this.vocabulary);
    return this.cut(this.order.sortFirst(count, count, topP * total), total);
  }

  /** Weighs all tokens; those of at least this weight become candidates, by id. */
  private weigh(scores: Float32Array, { largest }: Extremes, floor: number) {
    const { weights, candidates } = this;
    const perScore = 1 / this.settings.temperature;
    let [count, total] = [0, 0];
    for (let id = 0; id < scores.length; id++) {
      const weight = expOf((scores[id] - largest) * perScore);
      total += weight;
      if (weight < floor) continue;
      weights[id] = weight;
      candidates[count++] = id;
    }
    return { count, total };
  }

  private keepLikeliest(scores: Float32Array, { largest, smallest }: Extremes): number {
    const { candidates, weights } = this;
    const { topK, temperature } = this.settings;
    const rangesPerScore = largest > smallest ? (rangeCount - 1) / (largest - smallest) : 0;
    const last = this.lastRange(scores, largest, rangesPerScore);
    let count = 0;
    for (let id = 0; id < scores.length; id++) {
      const below = largest - scores[id];
      if (((below * rangesPerScore) | 0) > last) continue;
      weights[id] = expOf(-below / temperature);
      candidates[count++] = id;
    }
    return this.cut(this.order.sortFirst(count, topK, Infinity));
  }

  /** The range in which the likeliest `topK` tokens end: the lower its number, the higher its scores. */
  private lastRange(scores: Float32Array, largest: number, rangesPerScore: number): number {
    const { counts } = this;
    counts.fill(0);
    for (let id = 0; id < scores.length; id++)
      counts[((largest - scores[id]) * rangesPerScore) | 0]++;
    let range = 0;
    for (let left = this.settings.topK - counts[0]; left > 0 && range < rangeCount - 1;)
      left -= counts[++range];
    return range;
  }

  /**
   * How many of the `sorted` likeliest tokens top-p and min-p leave; top-p is a share of `total`, by
   * itself what the sorted ones weigh.
   */
  private cut(sorted: number, total?: number): number {
    const { topP, minP } = this.settings;
    let whole = total ?? 0;
    if (total === undefined)
      for (let i = 0; i < sorted; i++) whole += this.weights[this.candidates[i]];
    let mass = 0;
    for (let i = 0; i < sorted; i++) {
      const weight = this.weights[this.candidates[i]];
      if (i > 0 && (weight < minP || mass >= topP * whole)) return i;
      mass += weight;
    }
    return sorted;
  }
}

/** The first of the largest, and how far numbers reach. */
interface Extremes {
  first: number;
  largest: number;
  smallest: number;
}

/** NaN is neither larger nor smaller than anything. */
function extremes(scores: Float32Array): Extremes {
  let [first, largest, smallest] = [0, -Infinity, Infinity];
  for (let id = 0; id < scores.length; id++) {
    const score = scores[id];
    if (score > largest) {
      largest = score;
      first = id;
    }
    if (score < smallest) smallest = score;
  }
  return { first, largest, smallest };
}

/** log Σ exp. Throws NonFiniteLogitsError. */
function logSumExp(logits: Float32Array, { largest, smallest }: Extremes): number {
  let sum = 0;
  for (let id = 0; id < logits.length; id++) sum += expOf(logits[id] - largest);
  if (!Number.isFinite(largest - smallest + sum)) throwFirstNonFinite(logits);
  return largest + Math.log(sum);
}

function throwFirstNonFinite(scores: Float32Array): never {
  const token = scores.findIndex((score) => !Number.isFinite(score));
  throw new NonFiniteLogitsError(token, scores[token]);
}
