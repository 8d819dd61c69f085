/**
 * Choosing the next token. Order of operations as in transformers' generate(): repetition penalty,
 * temperature, top-k, top-p, min-p, draw. (llama.cpp applies the temperature last, so its top-p
 * keeps other tokens at temperatures other than 1.)
 */
import { Random } from "../../shared/random";
import type { SamplingSettings } from "../../shared/settings/settings";
import { DescendingHeap } from "./descendingHeap";

/** Its message is for people. */
export class NonFiniteLogitsError extends Error {
  override readonly name = "NonFiniteLogitsError";

  constructor(token: number, value: number) {
    super(
      `The model gave ${value} as the logit of token ${token}: its numbers overflowed, so the run ends here; try another device or an fp32 export.`,
    );
  }
}

/** Chooses for all chains of a run; after construction nothing is allocated. */
export class Sampler {
  /** Natural log of the last chosen token's probability under the model as it is: no penalty, no temperature. */
  logProb = 0;

  private readonly random: Random[];
  /** [chains][vocabulary] 1 where the chain's text already has the token. */
  private readonly seen: Uint8Array[];
  private readonly scores: Float32Array;
  /** exp of the tempered score, 1 for the likeliest token. */
  private readonly weights: Float64Array;
  private readonly heap: DescendingHeap;
  private readonly candidates: Uint32Array;

  constructor(
    private readonly settings: SamplingSettings,
    private readonly vocabulary: number,
    chains = 1,
  ) {
    this.random = Array.from({ length: chains }, (_, chain) => new Random(settings.seed, chain));
    const penalised = settings.repetitionPenalty === 1 ? 0 : vocabulary;
    this.seen = Array.from({ length: chains }, () => new Uint8Array(penalised));
    this.scores = new Float32Array(vocabulary);
    this.weights = new Float64Array(vocabulary);
    this.candidates = new Uint32Array(vocabulary);
    this.heap = new DescendingHeap(this.candidates, this.weights);
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
    const offset = row * this.vocabulary;
    const logSum = this.read(logits, offset);
    this.penalise(chain);
    const id = this.settings.temperature === 0 ? argmax(this.scores) : this.draw(chain);
    this.seen[chain][id] = 1;
    this.logProb = logits[offset + id] - logSum;
    return id;
  }

  /** Copies the chain's logits into `scores`; returns log Σ exp of them. */
  private read(logits: Float32Array, offset: number): number {
    const { scores, vocabulary } = this;
    let largest = -Infinity;
    let poison = 0;
    for (let id = 0; id < vocabulary; id++) {
      const logit = logits[offset + id];
      scores[id] = logit;
      poison += logit * 0;
      if (logit > largest) largest = logit;
    }
    if (poison !== 0) throwFirstNonFinite(scores);
    let sum = 0;
    for (let id = 0; id < vocabulary; id++) sum += Math.exp(scores[id] - largest);
    return largest + Math.log(sum);
  }

  /** Keskar et al. 2019, as in transformers: over the whole text, prompt included. */
  private penalise(chain: number): void {
    const { repetitionPenalty } = this.settings;
    const seen = this.seen[chain];
    if (repetitionPenalty === 1) return;
    for (let id = 0; id < seen.length; id++) {
      if (seen[id] === 0) continue;
      const score = this.scores[id];
      this.scores[id] = score < 0 ? score * repetitionPenalty : score / repetitionPenalty;
    }
  }

  private draw(chain: number): number {
    const total = this.weigh();
    const kept = this.keep(total);
    let mass = 0;
    for (let i = 0; i < kept; i++) mass += this.weights[this.candidates[i]];
    let left = this.random[chain].next() * mass;
    for (let i = 0; i < kept - 1; i++) {
      left -= this.weights[this.candidates[i]];
      if (left < 0) return this.candidates[i];
    }
    return this.candidates[kept - 1];
  }

  /** Fills `weights`; returns their sum. */
  private weigh(): number {
    const { scores, weights } = this;
    const { temperature } = this.settings;
    const largest = scores[argmax(scores)];
    let total = 0;
    for (let id = 0; id < scores.length; id++) {
      weights[id] = Math.exp((scores[id] - largest) / temperature);
      total += weights[id];
    }
    return total;
  }

  /** Puts the tokens to draw from at the front of `candidates`; returns how many there are. */
  private keep(total: number): number {
    const { topK, topP } = this.settings;
    if (topK === 0 && topP === 1) return this.gather(this.settings.minP);
    // Tokens that share less than 1 − topP between them all can never be in the nucleus.
    const floor = topK === 0 ? ((1 - topP) / this.vocabulary) * total : 0;
    const gathered = this.gather(Math.min(floor, 1));
    const most = topK === 0 ? gathered : Math.min(topK, gathered);
    const sorted = this.heap.sortFirst(gathered, most, topK === 0 ? topP * total : Infinity);
    return this.cut(sorted, topK === 0 ? total : undefined);
  }

  /** All tokens of at least this weight, by id. */
  private gather(floor: number): number {
    let count = 0;
    for (let id = 0; id < this.vocabulary; id++)
      if (this.weights[id] >= floor) this.candidates[count++] = id;
    return count;
  }

  /** How many of the `sorted` likeliest tokens top-p and min-p leave; top-p is a share of `total`. */
  private cut(sorted: number, total: number | undefined): number {
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

/** The first of the largest. */
function argmax(scores: Float32Array): number {
  let best = 0;
  for (let id = 1; id < scores.length; id++) if (scores[id] > scores[best]) best = id;
  return best;
}

function throwFirstNonFinite(scores: Float32Array): never {
  const token = scores.findIndex((score) => !Number.isFinite(score));
  throw new NonFiniteLogitsError(token, scores[token]);
}
