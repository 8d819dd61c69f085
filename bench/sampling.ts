/** How long the choice of one token takes, of a vocabulary as large as Qwen's, by settings. */
import { Sampler } from "../src/engine/run/sampling";
import { Random } from "../src/shared/random";
import { defaultSamplingSettings, type SamplingSettings } from "../src/shared/settings/settings";
import { median, printTable } from "./support/table";

const vocabulary = 151_936;
const [steps, warmUps] = [60, 20];
const ways: Record<string, Partial<SamplingSettings>> = {
  greedy: { temperature: 0 },
  "temperature 0.6, top-p 0.95": {},
  "the same, top-k 20": { topK: 20 },
  "temperature 1, min-p 0.05": { temperature: 1, topP: 1, minP: 0.05 },
  "temperature 1": { temperature: 1, topP: 1 },
  "repetition penalty 1.1": { repetitionPenalty: 1.1 },
};

/** Spread as a model's logits are: a wide bell, and a few that stand out. */
function someLogits(): Float32Array {
  const random = new Random(2);
  const bell = () =>
    2.5 * Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(7 * random.next());
  const logits = Float32Array.from({ length: vocabulary }, bell);
  for (let i = 0; i < 30; i++) logits[random.integer(0, vocabulary - 1)] = 15 + 3 * random.next();
  return logits;
}

const logits = someLogits();
const millis = new Map(Object.keys(ways).map((way) => [way, [] as number[]]));
const samplers = Object.entries(ways).map(([way, some]) => {
  return { way, sampler: new Sampler({ ...defaultSamplingSettings, ...some }, vocabulary) };
});
for (let step = 0; step < warmUps + steps; step++)
  for (const { way, sampler } of samplers) {
    const started = performance.now();
    sampler.choose(logits);
    if (step >= warmUps) millis.get(way)?.push(performance.now() - started);
  }
printTable(
  `One token of ${vocabulary}`,
  [...millis].map(([way, all]) => {
    return { way, "median ms": median(all).toFixed(2), least: Math.min(...all).toFixed(2) };
  }),
);
