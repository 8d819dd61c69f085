/** The plots of the redundancy map: cosines of keys, and two bars beside each slot. */
import { max } from "d3";
import type { Candidate } from "../../model/decision";
import type { Neighbour } from "../../model/similarity";
import type { Bar, Cells, Mark, Plot, Size } from "../../scene/scene";
import type { Data } from "../../state/data";
import {
  explained,
  explainedDecision,
  explainedSimilarities,
  type Similarities,
} from "../../state/explained";
import type { State } from "../../state/state";

/** The selected token's slot, −1 where it has none here, and its near-duplicates. */
export interface Chosen {
  slot: number;
  near: Neighbour[];
}

export function matrix(
  state: Readonly<State>,
  data: Data,
  size: Size,
  found: Similarities,
  { slot, near }: Chosen,
): Plot {
  const { positions } = found;
  const cross: Mark[] = [
    { mark: "rule", y: slot + 0.5, look: "hairline" },
    { mark: "rule", x: slot + 0.5, look: "hairline" },
  ];
  const around = (at: number): [number, number] => [at, at + 1];
  const frames = near.map((other): Mark => {
    const look = other.spared ? "spared" : "near";
    return { mark: "box", x: around(other.slot), y: around(slot), look };
  });
  return {
    place: { column: 0, row: 1 },
    x: { domain: [0, positions.length] },
    y: { domain: [0, positions.length] },
    isSquare: true,
    cells: [data.derive("cells", () => cellsOf(state, data, size))],
    layers: [
      { name: "cross", marks: slot < 0 ? [] : cross },
      { name: "near", marks: frames },
    ],
    at: (x, y) => {
      const [pointed, position] = [positions[Math.floor(x)], positions[Math.floor(y)]];
      return pointed === undefined || position === undefined ? undefined : { pointed, position };
    },
  };
}

/** Cosines, each of a slot or, where there are more of them than pixels, of one of several. */
function cellsOf(state: Readonly<State>, data: Data, { width }: Size): Cells {
  const asked = explained(state);
  const found = asked && explainedSimilarities(state, data, asked);
  const slots = found?.positions.length ?? 0;
  const columns = Math.min(slots, Math.max(1, Math.round(width * 2)));
  const values = new Float32Array(columns * columns);
  const slotOf = (cell: number): number => Math.floor((cell * slots) / columns);
  for (let line = 0; line < columns; line++)
    for (let column = 0; column < columns; column++)
      values[line * columns + column] = found?.values[slotOf(line) * slots + slotOf(column)] ?? NaN;
  return { columns, values, scale: { scale: "similar", above: found?.threshold ?? 1 } };
}

/** How important and how redundant each candidate was, as far as its scores are there. */
export function margins(state: Readonly<State>, data: Data, { positions }: Similarities): Plot[] {
  const slots: [number, number] = [0, positions.length];
  const bars = (of: "importance" | "redundancy") =>
    data.derive(of, () => ({
      along: of === "importance" ? ("x" as const) : ("y" as const),
      bars: marginBars(state, data, of),
    }));
  return [
    {
      place: { column: 0, row: 0 },
      x: { domain: slots },
      y: { domain: [1, 0] },
      bars: [bars("importance")],
    },
    {
      place: { column: 1, row: 1 },
      x: { domain: [0, 1] },
      y: { domain: slots },
      bars: [bars("redundancy")],
    },
  ];
}

function marginBars(state: Readonly<State>, data: Data, of: "importance" | "redundancy"): Bar[] {
  const asked = explained(state);
  const candidates = (asked && explainedDecision(state, data, asked)?.candidates) ?? [];
  const value = (candidate: Candidate): number => candidate[of] || 0;
  const most = max(candidates, value) || 1;
  return candidates.map((candidate) => {
    const [slot, share] = [candidate.slot, value(candidate) / most];
    const along: [number, number] = [slot, slot + 1];
    return of === "importance"
      ? { x: along, y: [0, share], fill: of }
      : { x: [0, share], y: along, fill: of };
  });
}
