import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { expOf } from "../../../src/engine/run/expOf";
import { NonFiniteLogitsError, Sampler } from "../../../src/engine/run/sampling";
import { Random } from "../../../src/shared/random";
import {
  defaultSamplingSettings,
  type SamplingSettings,
} from "../../../src/shared/settings/settings";

function settings(some: Partial<SamplingSettings>): SamplingSettings {
  return { ...defaultSamplingSettings, temperature: 1, topP: 1, ...some };
}

/** Ids that come up in many draws. */
function drawn(logits: number[], some: Partial<SamplingSettings>, note: number[] = []): number[] {
  const sampler = new Sampler(settings(some), logits.length);
  const ids = new Set<number>();
  for (let i = 0; i < 2000; i++) {
    const fresh = some.repetitionPenalty
      ? new Sampler(settings({ ...some, seed: i }), logits.length)
      : sampler;
    fresh.note(some.repetitionPenalty ? note : []);
    ids.add(fresh.choose(Float32Array.from(logits)));
  }
  return [...ids].sort((a, b) => a - b);
}

const log = (...shares: number[]) => shares.map((share) => Math.log(share));

test("temperature 0 takes the likeliest token, of equals the first", () => {
  assert.deepEqual(drawn([1, 3, 3, 2], { temperature: 0 }), [1]);
});

test("top-k leaves the k likeliest", () => {
  assert.deepEqual(drawn(log(0.1, 0.4, 0.2, 0.3), { topK: 2 }), [1, 3]);
});

test("top-p leaves the fewest that make up the share, at least one", () => {
  assert.deepEqual(drawn(log(0.1, 0.4, 0.2, 0.3), { topP: 0.6 }), [1, 3]);
  assert.deepEqual(drawn(log(0.1, 0.4, 0.2, 0.3), { topP: 0.75 }), [1, 2, 3]);
  assert.deepEqual(drawn(log(0.1, 0.4, 0.2, 0.3), { topP: 0.01 }), [1]);
});

test("top-p is a share of what top-k left, as in transformers", () => {
  assert.deepEqual(drawn(log(0.1, 0.4, 0.2, 0.3), { topK: 2, topP: 0.5 }), [1]);
});

test("the temperature comes before top-p: heat widens the nucleus", () => {
  assert.deepEqual(drawn(log(0.9, 0.1), { topP: 0.85 }), [0]);
  assert.deepEqual(drawn(log(0.9, 0.1), { topP: 0.85, temperature: 4 }), [0, 1]);
});

test("min-p leaves what is at least that share of the likeliest", () => {
  assert.deepEqual(drawn(log(0.1, 0.4, 0.2, 0.3), { minP: 0.6 }), [1, 3]);
  assert.deepEqual(drawn(log(0.1, 0.4, 0.2, 0.3), { minP: 0.6, topP: 0.99 }), [1, 3]);
});

test("the repetition penalty divides positive logits of seen tokens and multiplies negative ones", () => {
  assert.deepEqual(drawn([2, 1.5], { temperature: 0, repetitionPenalty: 2 }, [0]), [1]);
  assert.deepEqual(drawn([-1, -1.5], { temperature: 0, repetitionPenalty: 2 }, [0]), [1]);
  const sampler = new Sampler(settings({ temperature: 0, repetitionPenalty: 10 }), 2);
  assert.equal(sampler.choose(Float32Array.of(2, 1)), 0);
  assert.equal(sampler.choose(Float32Array.of(2, 1)), 1, "a chosen token counts as seen");
});

test("tokens are drawn as often as they are likely", () => {
  const shares = [0.5, 0.3, 0.15, 0.05];
  for (const some of [{}, { topK: 4 }, { topP: 0.9999 }]) {
    const sampler = new Sampler(settings(some), shares.length);
    const counts = shares.map(() => 0);
    for (let i = 0; i < 40_000; i++) counts[sampler.choose(Float32Array.from(log(...shares)))]++;
    counts.forEach((count, id) => assert.ok(Math.abs(count / 40_000 - shares[id]) < 0.01));
  }
});

test("the same seed gives the same tokens, another seed others", () => {
  const logits = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i * 12.9898) * 3);
  const tokens = (seed: number) => {
    const sampler = new Sampler(settings({ seed, topP: 0.95 }), 1000);
    return Array.from({ length: 50 }, () => sampler.choose(logits));
  };
  assert.deepEqual(tokens(7), tokens(7));
  assert.notDeepEqual(tokens(7), tokens(8));
});

test("chains of one seed part ways, and each reads its own row", () => {
  const sampler = new Sampler(settings({ temperature: 0 }), 3, 2);
  const logits = Float32Array.of(0, 1, 2, 2, 1, 0);
  assert.deepEqual([sampler.choose(logits, 0), sampler.choose(logits, 1)], [2, 0]);
  const flat = new Float32Array(2000);
  const random = new Sampler(settings({}), 1000, 2);
  assert.notEqual(random.choose(flat, 0), random.choose(flat, 1));
});

test("logProb is the model's own, untouched by temperature and penalty", () => {
  const sampler = new Sampler(settings({ temperature: 0.1, repetitionPenalty: 3 }), 3);
  sampler.note([1]);
  const logits = Float32Array.from(log(0.2, 0.7, 0.1));
  const id = sampler.choose(logits);
  assert.ok(Math.abs(sampler.logProb - Math.log([0.2, 0.7, 0.1][id])) < 1e-6);
});

test("NaN and infinities are found wherever they are, and named", () => {
  for (const value of [NaN, Infinity, -Infinity])
    for (let token = 0; token < 20; token++) {
      const logits = new Float32Array(20);
      logits[token] = value;
      const choose = () => new Sampler(settings({}), 20).choose(logits);
      assert.throws(choose, new NonFiniteLogitsError(token, value));
    }
});

test("the partial selection leaves what a full sort would leave", () => {
  const logit = fc.integer({ min: -8, max: 8 });
  fc.assert(
    fc.property(
      fc.array(logit, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 0, max: 12 }),
      fc.constantFrom(0.1, 0.5, 0.9, 0.95),
      fc.constantFrom(0, 0.05, 0.4),
      (logits, topK, topP, minP) => {
        const kept = keptByFullSort(logits, topK, topP, minP);
        const sampler = new Sampler(settings({ topK, topP, minP }), logits.length);
        for (let i = 0; i < 40; i++)
          assert.ok(kept.includes(sampler.choose(Float32Array.from(logits))));
      },
    ),
  );
});

function keptByFullSort(logits: number[], topK: number, topP: number, minP: number): number[] {
  const weights = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
  const order = logits.map((_, id) => id).sort((a, b) => weights[b] - weights[a] || a - b);
  const first = topK === 0 ? order : order.slice(0, topK);
  const total = first.reduce((sum, id) => sum + weights[id], 0);
  let mass = 0;
  const nucleus = first.filter((id) => {
    const isIn = mass < topP * total;
    mass += weights[id];
    return isIn;
  });
  return nucleus.filter((id, i) => i === 0 || weights[id] >= minP);
}

test("of 152,000 tokens the same are drawn as from a full sort", () => {
  const random = new Random(3);
  const logits = Float32Array.from({ length: 151_936 }, () => 12 * random.next() ** 4);
  const descending = Uint32Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b);
  for (const some of [
    { topP: 0.95, temperature: 0.6 },
    { topP: 0.9, minP: 0.4 },
    { topK: 20, topP: 0.95 },
    { topK: 50_000, temperature: 2 },
  ]) {
    const all = settings({ seed: 11, ...some });
    const [sampler, drawer] = [new Sampler(all, logits.length), new Random(11, 0)];
    const kept = keptInOrder(logits, descending, all);
    for (let i = 0; i < 20; i++) assert.equal(sampler.choose(logits), drawnFrom(kept, drawer));
  }
});

type Weighed = { id: number; weight: number };

/** What may be drawn, heaviest first. */
function keptInOrder(
  logits: Float32Array,
  descending: Uint32Array,
  { temperature, topK, topP, minP }: SamplingSettings,
): Weighed[] {
  const largest = logits[descending[0]];
  const all = Array.from(descending, (id) => {
    return { id, weight: Math.exp((logits[id] - largest) / temperature) };
  });
  const likeliest = topK === 0 ? all : all.slice(0, topK);
  const total = likeliest.reduce((sum, { weight }) => sum + weight, 0);
  let mass = 0;
  const kept: Weighed[] = [];
  for (const each of likeliest) {
    if (kept.length > 0 && (each.weight < minP || mass >= topP * total)) break;
    mass += each.weight;
    kept.push(each);
  }
  return kept;
}

function drawnFrom(kept: readonly Weighed[], random: Random): number {
  let left = random.next() * kept.reduce((sum, { weight }) => sum + weight, 0);
  const drawn = kept.find(({ weight }) => (left -= weight) < 0);
  return (drawn ?? kept[kept.length - 1]).id;
}

test("e to the x is Math.exp's to 12 digits, and 0 where that is", () => {
  for (let x = 0; x > -700; x -= 0.0371) {
    const error = expOf(x) / Math.exp(x) - 1;
    assert.ok(Math.abs(error) < 1e-12, `${x}: ${error}`);
  }
  assert.deepEqual([expOf(0), expOf(-800), expOf(-Infinity)], [1, 0, 0]);
  assert.ok(Number.isNaN(expOf(NaN)));
});

test("random numbers are uniform and lie in [0, 1)", () => {
  const random = new Random(1);
  const numbers = Array.from({ length: 20_000 }, () => random.next());
  assert.ok(numbers.every((x) => x >= 0 && x < 1));
  assert.ok(Math.abs(numbers.reduce((a, b) => a + b) / numbers.length - 0.5) < 0.01);
  assert.deepEqual(new Set(random.sample([1, 2, 3, 4], 4)), new Set([1, 2, 3, 4]));
});
