/** The plots of the redundancy map: cosines of keys, one row of them, and two bars beside each slot. */
import { max, min } from "d3";
import type { Candidate } from "../../model/decision";
import type { Neighbour } from "../../model/similarity";
import type { Bar, Cells, Mark, Plot, Size, Span, Step, Words } from "../../scene/scene";
import type { Data } from "../../state/data";
import { explainedDecision } from "../../state/explained";
import { similaritiesToShow, type Shown } from "../../state/similarities";
import type { State } from "../../state/state";
import { stepLines } from "./slotSteps";

/** The selected token's slot, −1 where it has none here, and its near-duplicates. */
export interface Chosen {
  slot: number;
  near: Neighbour[];
}

export interface Drawn extends Shown {
  steps: readonly Step[];
  /** [cells, cells] as many as there are slots, or pixels. */
  highest: Cells;
}

/** Cosines, each of two slots or, where there are more of them than pixels, the highest of several. */
export function highestCells({ found }: Shown, { width }: Size): Cells {
  const slots = found.positions.length;
  const columns = Math.min(slots, Math.max(1, Math.round(width)));
  const values = new Float32Array(columns * columns).fill(-1);
  const firstSlots = Int32Array.from({ length: columns + 1 }, (_, cell) =>
    Math.ceil((cell * slots) / columns),
  );
  for (let row = 0, y = 0; row < slots; row++) {
    if (row >= firstSlots[y + 1]) y++;
    // The other half is the same.
    for (let x = 0; x <= y; x++) {
      let highest = values[y * columns + x];
      for (let column = firstSlots[x]; column < firstSlots[x + 1]; column++) {
        const cosine = found.values[row * slots + column];
        if (cosine > highest) highest = cosine;
      }
      values[y * columns + x] = values[x * columns + y] = highest;
    }
  }
  return { columns, values, scale: { scale: "similar", above: found.threshold } };
}

export function matrix({ found, steps, highest }: Drawn, size: Size, { slot }: Chosen): Plot {
  const { positions } = found;
  const cross: Mark[] = [
    { mark: "rule", y: slot + 0.5, look: "hairline" },
    { mark: "rule", x: slot + 0.5, look: "hairline" },
  ];
  return {
    place: { column: 0, row: 1 },
    x: { domain: [0, positions.length] },
    y: { domain: [0, positions.length], labels: { steps } },
    isSquare: true,
    cells: [highest],
    layers: [
      stepLines(steps, positions.length, size.width),
      { name: "cross", marks: slot < 0 ? [] : cross },
    ],
    at: (x, y) => {
      const [pointed, position] = [positions[Math.floor(x)], positions[Math.floor(y)]];
      return pointed === undefined || position === undefined ? undefined : { pointed, position };
    },
  };
}

/** The row of the selected slot, thick enough to be read; without one, the nearest to each slot. */
export function rowPlot({ found, steps, highest }: Drawn, { slot, near }: Chosen): Plot {
  const { positions } = found;
  const spared = near.find((neighbour) => neighbour.spared);
  const frame: Mark[] = spared
    ? [{ mark: "box", x: [spared.slot, spared.slot + 1], look: "spared" }]
    : [];
  return {
    place: { column: 0, row: 2 },
    x: { domain: [0, positions.length] },
    y: {
      domain: [0, 1],
      labels: { values: [{ at: 0.5, text: slot < 0 ? "nearest" : "its row" }] },
    },
    cells: [{ ...highest, values: rowOf(highest, positions.length, slot) }],
    layers: [{ name: "spared", marks: frame }],
    below: [{ name: "step-names", steps }],
    at: (x) => {
      const position = positions[Math.floor(x)];
      return position === undefined ? undefined : { position };
    },
  };
}

function rowOf({ columns, values }: Cells, slots: number, slot: number): Float32Array {
  const row = Math.floor((slot * columns) / slots);
  if (slot >= 0) return values.subarray(row * columns, (row + 1) * columns);
  const nearest = new Float32Array(columns).fill(-1);
  for (let from = 0; from < values.length; from += columns)
    for (let x = 0; x < columns; x++)
      if (values[from + x] > nearest[x]) nearest[x] = values[from + x];
  return nearest;
}

/** How important and how redundant each candidate was, as far as its scores are there. */
export function margins(state: Readonly<State>, data: Data): Plot[] {
  const shown = similaritiesToShow(state, data);
  if (!shown) return [];
  const { asked, found } = shown;
  const slots: Span = [0, found.positions.length];
  const candidates = explainedDecision(state, data, asked)?.candidates ?? [];
  const name = { at: 1, text: "importance", look: "blue" } as const;
  const title: Words = {
    name: "margins",
    words: [{ at: "end", text: "redundancy ↘", look: "mark-quiet" }],
  };
  return [
    {
      place: { column: 0, row: 0 },
      x: { domain: slots },
      y: { domain: [1, 0], labels: { values: [name] } },
      bars: [{ along: "x", bars: marginBars(candidates, "importance") }],
      above: [title],
    },
    {
      place: { column: 1, row: 1 },
      x: { domain: [0, 1] },
      y: { domain: slots },
      bars: [{ along: "y", bars: marginBars(candidates, "redundancy") }],
    },
  ];
}

/** Importance from 0; redundancy, which hardly differs from slot to slot, from the least. */
function marginBars(candidates: Candidate[], of: "importance" | "redundancy"): Bar[] {
  const value = (candidate: Candidate): number => candidate[of] || 0;
  const least = of === "importance" ? 0 : (min(candidates, value) ?? 0);
  const most = max(candidates, value) ?? 0;
  return candidates.map((candidate) => {
    const along: Span = [candidate.slot, candidate.slot + 1];
    const share: Span = [0, (value(candidate) - least) / (most - least || 1)];
    return of === "importance"
      ? { x: along, y: share, fill: of }
      : { x: share, y: along, fill: of };
  });
}
