/** Where labels go so that none hides another. */
import type { Look } from "./looks";

export interface Label {
  text: string;
  /** Middle of the label, in pixels. */
  at: number;
  width: number;
}

/**
 * The labels that have room within [from, limit], first come first served; each is shifted inwards
 * where it would be cut off.
 */
export function fitting<L extends Label>(labels: L[], limit: number, gap = 8, from = 0): L[] {
  const placed: L[] = [];
  for (const label of labels) {
    const half = label.width / 2;
    const at = Math.max(from + half, Math.min(label.at, limit - half));
    const free = placed.every((other) => Math.abs(other.at - at) >= half + other.width / 2 + gap);
    if (free && label.width <= limit - from) placed.push({ ...label, at });
  }
  return placed;
}

/** Moves heights apart until each is `gap` from the next, within [0, limit], keeping their order. */
export function spread(heights: number[], gap: number, limit: number): number[] {
  const order = heights.map((_, index) => index).sort((a, b) => heights[a] - heights[b]);
  const moved = [...heights];
  order.forEach((index, rank) => {
    const above = rank === 0 ? 0 : moved[order[rank - 1]] + gap;
    moved[index] = Math.max(moved[index], above);
  });
  let below = limit;
  for (const index of order.toReversed()) {
    moved[index] = Math.min(moved[index], below);
    below = moved[index] - gap;
  }
  return moved;
}

/** Width of words in that look, in pixels. */
export function wordWidth(text: string, look?: Look): number {
  if (look === "mark") return textWidth(text, 12) * bold;
  return textWidth(text) * (look === "strong" ? bold : 1);
}

const bold = 1.1;

/** From here on, most writing is as wide as it is high. */
const firstWide = 0x2e80;

/** Width of a line of text of the given size in pixels, near enough for layout. */
export function textWidth(text: string, size = 11): number {
  let ems = 0;
  for (let at = 0; at < text.length; at++) ems += text.charCodeAt(at) < firstWide ? 0.56 : 1;
  return ems * size;
}
