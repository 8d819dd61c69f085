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
/** Of the numbers that could stand there, so many must find room, or an axis looks torn. */
const enough = 0.6;

/** From the edge of the figure: a font may be wider than it is taken for. */
const edge = 3;

/** From so many times the shortest one on, the longest step is named first. */
const uneven = 2;

/** What a label takes of an axis, and the gap to the next one. */
interface Room {
  lengthOf: (text: string) => number;
  gap: number;
}

const beside: Room = { lengthOf: textWidth, gap: 8 };
/** For names one below the other. */
export const stacked: Room = { lengthOf: () => 12, gap: 1 };

/**
 * “Step 7” if every step has room for it, else bare numbers: the round ones first, or those of the
 * longest steps where steps differ so much that few round ones have room.
 */
export function stepLabels(steps: readonly PlacedStep[], limit: number, room = beside): Label[] {
  const label = (text: string, { left, right }: PlacedStep): Label => {
    return { text, at: (left + right) / 2, width: room.lengthOf(text) };
  };
  const prompt = steps.filter(({ kind }) => kind === "prompt").map((at) => label("Prompt", at));
  const others = steps.filter(({ kind }) => kind !== "prompt");
  const named = others.map((step) => label(`Step ${step.index}`, step));
  const all = fitting([...prompt, ...named], limit, room.gap, edge);
  if (all.length === steps.length) return all;
  const bare = others.map((step): Numbered => {
    return { ...label(String(step.index), step), index: step.index, share: step.right - step.left };
  });
  const round = bareNumbers(prompt, bare, limit, room.gap);
  const widest = bare.toSorted((a, b) => b.share - a.share);
  if (widest.length > 0 && widest[0].share < uneven * widest[widest.length - 1].share) return round;
  const wide = fitting([...prompt, ...widest], limit, room.gap, edge);
  return round.length < enough * wide.length ? wide : round;
}

interface Numbered extends Label {
  index: number;
  /** Of the axis, in pixels. */
  share: number;
}

function bareNumbers(prompt: Label[], steps: Numbered[], limit: number, gap: number): Label[] {
  let placed = fitting(prompt, limit, gap, edge);
  for (const round of roundness) {
    const level = steps.filter(
      ({ index }) => roundness.find((divisor) => index % divisor === 0) === round,
    );
    const next = fitting([...placed, ...level], limit, gap, edge);
    if (next.length - placed.length < enough * level.length) return placed;
    placed = next;
  }
  return placed;
}
