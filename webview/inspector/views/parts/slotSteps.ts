/** The reasoning steps along an axis of slots. */
import { bisectLeft } from "d3";
import type { Layer, Mark, Step } from "../../scene/scene";
import type { State } from "../../state/state";

/** Slots [from, to) of each step; of a step that has none left, nothing. */
export function slotSteps({ run }: Readonly<State>, positions: readonly number[]): Step[] {
  return run.steps.map(({ kind, from, to }) => {
    return { kind, from: bisectLeft(positions, from), to: bisectLeft(positions, to) };
  });
}

/** Lines between the steps, both ways, as far as they leave room to see what is between them. */
export function stepLines(steps: readonly Step[], slots: number, pixels: number): Layer {
  const apart = (leastPixels * slots) / Math.max(1, pixels);
  const marks: Mark[] = [];
  let last = 0;
  for (const { from, to } of steps) {
    if (to <= from || from - last < apart) continue;
    last = from;
    marks.push({ mark: "rule", x: from, look: "step-line" });
    marks.push({ mark: "rule", y: from, look: "step-line" });
  }
  return { name: "step-lines", marks };
}

/** From one line to the next. */
const leastPixels = 6;
