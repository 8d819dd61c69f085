/**
 * e to the x for x of at most 0, to 12 digits, in a third of the time of Math.exp: a step of the
 * sampler takes it of every token of the vocabulary.
 */
const stepsPerOctave = 2048;
const step = Math.LN2 / stepsPerOctave;
const stepsPerUnit = 1 / step;
/** 2^(i / stepsPerOctave) */
const fractions = Float64Array.from(
  { length: stepsPerOctave },
  (_, i) => 2 ** (i / stepsPerOctave),
);
/** Below this, Math.exp gives 0 too. */
const least = -745;
/** 2^−i */
const octaves = Float64Array.from({ length: 1080 }, (_, i) => 2 ** -i);

export function expOf(x: number): number {
  if (x < least) return 0;
  const steps = (x * stepsPerUnit) | 0;
  const rest = x - steps * step;
  const ofRest = 1 + rest * (1 + rest * (1 / 2 + rest / 6));
  return octaves[-(steps >> 11)] * fractions[steps & (stepsPerOctave - 1)] * ofRest;
}
