/** What kinds of words went, step by step, beside the matrix of how many. */
import { max, sum } from "d3";
import { counted } from "../../../../src/shared/units";
import { kindsOf, kindSurvivals, tokenKinds } from "../../model/kinds";
import { onePerPixel } from "../../scene/pixels";
import type { Bar, Plot, Size } from "../../scene/scene";
import type { Data } from "../../state/data";
import type { State } from "../../state/state";
import { rowsSeen } from "./evictedCells";

/** [positions] index among `tokenKinds`; of a run that grows it may be a little behind. */
export function kindsIn({ run }: Readonly<State>, data: Data): Uint8Array | undefined {
  return data.countedLately(run, "kinds", String(run.version), () => kindsOf(run));
}

/** [steps, kinds] slots that went up to the moment. */
export function kindsLost(state: Readonly<State>, data: Data): number[] | undefined {
  const { run, compactions } = state;
  const rows = rowsSeen(state);
  const topic = `kinds of rows ${rows.join(" ")}`;
  const count = () => kindSurvivals(run, run.steps, rows);
  const survivals = data.countedLately(run, topic, String(run.version), count);
  return survivals?.map((survival) => survival.evictedAfter(compactions));
}

export function kindPlot(state: Readonly<State>, data: Data, size: Size, steps: number): Plot {
  const { bars, most } = data.derive("kinds", () => kindBars(state, data, size));
  return {
    place: { column: 1, row: 0 },
    x: { domain: [0, most] },
    y: { domain: [0, steps] },
    bars: [bars],
    below: [
      { name: "most", words: [{ at: "end", text: counted(most, "slot") }] },
      { name: "what", words: [{ at: "end", text: "gone so far" }] },
    ],
    at: (_, y) => {
      const step = state.run.steps[Math.floor(y)];
      return step && { position: step.from };
    },
  };
}

function kindBars(state: Readonly<State>, data: Data, { height }: Size) {
  const lost = kindsLost(state, data) ?? [];
  const each = tokenKinds.length;
  const of = (step: number) => lost.slice(step * each, (step + 1) * each);
  const { steps } = state.run;
  const perStep = height / Math.max(1, steps.length);
  const shown = onePerPixel([...steps.keys()], (step) => step * perStep);
  const bars = shown.flatMap((step) => {
    let from = 0;
    return of(step).map((slots, kind): Bar => {
      const start = from;
      from += slots;
      return { x: [start, from], y: [step, step + 1], fill: tokenKinds[kind] };
    });
  });
  const most = max(shown, (step) => sum(of(step))) || 1;
  return { bars: { along: "y" as const, bars }, most };
}

/** “30 signs, 12 words, 1 name”: the most first, what there is none of left out. */
export function kindWords(slots: ArrayLike<number>): string {
  return tokenKinds
    .map((kind, index) => ({ kind, slots: slots[index] }))
    .filter((one) => one.slots > 0)
    .sort((a, b) => b.slots - a.slots)
    .map((one) => counted(one.slots, one.kind.slice(0, -1)))
    .join(", ");
}

export const kindLegend = tokenKinds.map((kind) => ({ fill: kind, text: kind }));

/** All steps together. @returns [kinds] slots */
export function allKinds(lost: readonly number[]): Uint32Array {
  const all = new Uint32Array(tokenKinds.length);
  lost.forEach((slots, index) => (all[index % tokenKinds.length] += slots));
  return all;
}
