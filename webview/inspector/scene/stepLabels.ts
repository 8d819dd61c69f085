/** How the reasoning steps are named along an axis of the text. */
import { fitting, type Label, textWidth } from "./labels";
import type { Step } from "../model/run";

/** A step and where it lies on the axis, in pixels. */
export interface PlacedStep {
  index: number;
  kind: Step["kind"];
  left: number;
  right: number;
}

const roundness = [1000, 500, 200, 100, 50, 20, 10, 5, 2, 1];
/** Of the numbers of one roundness, so many must find room, or an axis looks torn. */
const enough = 0.6;

/** “Step 7” if every step has room for it, else bare numbers, the round ones first. */
export function stepLabels(steps: readonly PlacedStep[], limit: number): Label[] {
  const prompt = steps.filter(({ kind }) => kind === "prompt").map((at) => label("Prompt", at));
  const others = steps.filter(({ kind }) => kind !== "prompt");
  const named = others.map((step) => label(`Step ${step.index}`, step));
  const all = fitting([...prompt, ...named], limit);
  return all.length === steps.length ? all : bareNumbers(prompt, others, limit);
}

function bareNumbers(prompt: Label[], steps: PlacedStep[], limit: number): Label[] {
  let placed = fitting(prompt, limit);
  for (const round of roundness) {
    const level = steps
      .filter(({ index }) => roundness.find((divisor) => index % divisor === 0) === round)
      .map((step) => label(String(step.index), step));
    const next = fitting([...placed, ...level], limit);
    if (next.length - placed.length < enough * level.length) return placed;
    placed = next;
  }
  return placed;
}

function label(text: string, { left, right }: PlacedStep): Label {
  return { text, at: (left + right) / 2, width: textWidth(text) };
}
