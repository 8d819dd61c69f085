/** How alike reasoning steps are in one compaction, asked of the trace when somebody looks. */
import { bisectRight } from "d3";
import { bestPairs, type HeadKeys, type Pairs } from "../model/bestPairs";
import { inPieces, inPiecesLater } from "../model/pieces";
import type { Run } from "../model/run";
import { stepMeans, stepSums, type StepMeans } from "../model/stepSimilarity";
import type { Data } from "./data";
import { explained, type Explained } from "./explained";
import { compactionsBefore } from "./similarities";
import type { PairOfSteps, State } from "./state";
import { nameOf, type TraceData } from "./traceData";

/** Numbers of keys, of all heads of a layer, that are compared at most: 64 million. */
const mostNumbers = 64 * 2 ** 20;

/** Which heads of a layer of a compaction, and how many steps are taken as one. */
export interface AskedSteps {
  compaction: number;
  layer: number;
  heads: readonly number[];
  each: number;
  /** Whether other heads and compactions of the layer are likely to be asked for next. */
  isOne: boolean;
}

/** The heads over which the mean is taken where it is of one layer: the chosen one, or all. */
export function headsOf({ run, alikeBy, head }: Readonly<State>): number[] {
  const all = Array.from({ length: run.header.kvHeads }, (_, index) => index);
  return alikeBy === "head" ? [head] : all;
}

/** What is there of several layers, and of which compaction. */
export interface ShownMeans {
  compaction: number;
  /** [layers] undefined where a layer is still being read, or cannot be. */
  means: (StepMeans | undefined)[];
  isReading: boolean;
}

/** Layers that are read at the same time. */
const atOnce = 4;

/**
 * Each of these layers as far as it is there, a few asked for at a time; while nothing of the
 * compaction is there, what was shown a compaction or a few before.
 */
export function stepMeansToShow(
  state: Readonly<State>,
  data: Data,
  layers: readonly number[],
  each: number,
): ShownMeans | undefined {
  const compaction = explained(state)?.compaction;
  if (compaction === undefined) return undefined;
  const isOne = layers.length === 1;
  const of = (at: number) =>
    layers.map((layer): AskedSteps => {
      return { compaction: at, layer, heads: headsOf(state), each, isOne };
    });
  let reading = 0;
  const means = of(compaction).map((asked) => {
    const known = data.peek<StepMeans>(state.run, meansName(state.run, asked));
    if (known || reading >= atOnce) return known;
    const found = stepMeansOf(state, data, asked);
    if (!found && stepMeansAbsence(state, data, asked).kind === "asked") reading++;
    return found;
  });
  const isReading = reading > 0;
  if ((!isReading && !state.live) || means.some(Boolean)) return { compaction, means, isReading };
  for (const before of compactionsBefore(compaction, isReading)) {
    const earlier = of(before).map((asked) =>
      isReading
        ? data.peek<StepMeans>(state.run, meansName(state.run, asked))
        : stepMeansOf(state, data, asked),
    );
    if (earlier.some(Boolean)) return { compaction: before, means: earlier, isReading };
  }
  return { compaction, means, isReading };
}

/** Why none of these layers is there. */
export function firstAbsence(
  state: Readonly<State>,
  data: Data,
  [layer]: readonly number[],
  each: number,
) {
  const compaction = explained(state)?.compaction ?? 0;
  const heads = headsOf(state);
  return stepMeansAbsence(state, data, { compaction, layer, heads, each, isOne: true });
}

export function stepMeansOf(
  { run }: Readonly<State>,
  data: Data,
  asked: AskedSteps,
): StepMeans | undefined {
  return data.recall(run, meansName(run, asked), async (trace) => {
    const { compaction, layer, heads, each, isOne } = asked;
    const name = nameOf(run, "step sums", compaction, layer, stepsBegun(run, compaction));
    const sums = await trace.once(name, async () => {
      const read = await layerKeys(trace, run, asked, isOne);
      if (!read) return undefined;
      const begins = run.steps.map(({ from }) => from);
      const stepOf = Int32Array.from(read.positions, (at) => bisectRight(begins, at) - 1);
      return inPiecesLater(stepSums(read.keys, stepOf, run.header.kvHeads, run.header.headDim));
    });
    return sums && inPiecesLater(stepMeans(sums, heads, each));
  });
}

function stepMeansAbsence({ run }: Readonly<State>, data: Data, asked: AskedSteps) {
  return data.absence(run, meansName(run, asked));
}

function meansName(run: Run, { compaction, layer, heads, each }: AskedSteps): string {
  const begun = stepsBegun(run, compaction);
  return `step means ${compaction} ${layer} ${heads.join(",")} ${each} ${begun}`;
}

/** How many steps a compaction found; of a run that grows, one may be told of later. */
function stepsBegun({ steps, compactions }: Run, compaction: number): number {
  const { position } = compactions[compaction];
  return steps.findLastIndex(({ from }) => from < position) + 1;
}

/** Keys of all slots of all heads of a layer. */
async function layerKeys(
  trace: TraceData,
  run: Run,
  { compaction, layer }: Pick<Explained, "compaction" | "layer">,
  isKept: boolean,
): Promise<{ positions: Uint32Array; keys: Float32Array } | undefined> {
  const { kvHeads, headDim } = run.header;
  const record = await trace.layer(run, compaction, layer);
  if (record?.kvHeads !== kvHeads) return undefined;
  const { positions, slots } = record;
  if (positions.length * headDim > mostNumbers)
    throw new RangeError(
      `This layer held ${positions.length} slots of ${headDim} numbers, more than are compared here. The trace has them: rkv-lens trace FILE --csv.`,
    );
  const rows = Array.from({ length: kvHeads }, (_, head) => {
    return { head, positions: positions.subarray(head * slots, (head + 1) * slots) };
  });
  const keys = await trace.keys(run, layer, rows, isKept);
  return keys && { positions, keys };
}

/** The pairs of slots of the two picked steps, in the heads that the mean is of. */
export function picked(state: Readonly<State>, data: Data): Pairs | undefined {
  const { run, pair } = state;
  const asked = pickedFrom(state);
  if (!asked || !pair) return undefined;
  return data.recall(run, asked.name, async (trace) => {
    const read = await layerKeys(trace, run, asked, true);
    if (!read) return undefined;
    const { headDim, kvHeads } = run.header;
    const slots = read.positions.length / kvHeads;
    const heads = headsOf(state).map((head): HeadKeys => {
      const [from, to] = [head * slots, (head + 1) * slots];
      const keys = read.keys.subarray(from * headDim, to * headDim);
      return { head, positions: read.positions.subarray(from, to), keys };
    });
    return inPieces(bestPairs(heads, headDim, textOf(run, asked.compaction, pair)));
  });
}

/** The same where it is known already, for those who cannot wait. */
export function pickedSoFar(state: Readonly<State>, data: Data): Pairs | undefined {
  const asked = pickedFrom(state);
  return asked && data.peek<Pairs>(state.run, asked.name);
}

function pickedFrom(state: Readonly<State>): (Explained & { name: string }) | undefined {
  const asked = state.pair && explained(state);
  if (!asked || !state.pair) return undefined;
  const { compaction, layer } = asked;
  const [one, other] = textOf(state.run, compaction, state.pair);
  const where = [compaction, layer, headsOf(state).join(","), ...one, ...other];
  return { ...asked, name: `pairs ${where.join(" ")}` };
}

/** Positions [from, to) of each of two groups of steps, as far as the compaction found them. */
function textOf(
  { steps, compactions }: Run,
  compaction: number,
  pair: PairOfSteps,
): [[number, number], [number, number]] {
  const { position } = compactions[compaction];
  const [one, other] = pair.map(([from, to]): [number, number] => [
    steps[from]?.from ?? 0,
    Math.min(position, steps[Math.min(to, steps.length) - 1]?.to ?? 0),
  ]);
  return [one, other];
}
