/** What two runs hold of the text that they share: token by token, and step by step. */
import { commonLength, comparedAt } from "../../model/comparison";
import { agreed, heldByTwo, type HeldByTwo, type Stretch } from "../../model/heldByTwo";
import { columnSpan } from "../../model/retention";
import type { Run } from "../../model/run";
import type { Cells, Legend, Plot, Size, Step, Words } from "../../scene/scene";
import type { Data } from "../../state/data";
import type { State } from "../../state/state";
import { nameOf } from "../../state/traceData";
import { layerAxis } from "./layers";
import { selectedToken } from "./positions";

/** Height of a layer in the matrix of steps, in pixels, that is enough. */
const tallest = 40;

/** Positions up to which both say the same; 0 where nothing is laid beside the run. */
export function sharedLength({ run, other }: Readonly<State>): number {
  return other ? commonLength(run, other) : 0;
}

/** What is held of these stretches where they are compared; undefined while that is counted. */
export function heldIn(
  { run, other, tokens: moment, version }: Readonly<State>,
  data: Data,
  topic: string,
  stretches: readonly Stretch[],
): HeldByTwo | undefined {
  if (!other) return undefined;
  const tokens = comparedAt(run, other, moment);
  const decoded = stretches.map(({ from, to }) => {
    return { from: Math.min(from, tokens), to: Math.min(to, tokens) };
  });
  // An older count will do where it has the same places.
  const places = [topic, nameOf(other), stretches.length, stretches.at(-1)?.to].join(" ");
  const name = `${tokens} ${version}`;
  return data.countedLately(run, places, name, () => heldByTwo([run, other], tokens, decoded));
}

/** Token by token: both, only this run, only the other, or none; of a cell, what is most of it. */
export function differencePlot(state: Readonly<State>, data: Data, size: Size): Plot {
  const { selected } = state;
  const common = sharedLength(state);
  const isShared = selected !== undefined && selected < common;
  const steps = data.derive("steps", (): Words => {
    return { name: "step-names", steps: stepsIn(state.run, sharedLength(state)) };
  });
  return {
    place: { row: 1, column: 0, columns: 2 },
    least: 24,
    x: { domain: [0, common] },
    y: data.derive("layers", () => layerAxis(state.run)),
    cells: data.derive("difference", () => differenceCells(state, data, size)),
    layers: isShared ? [selectedToken(state)] : [],
    above: [steps],
    at: (x, y) => ({ position: Math.floor(x), layer: Math.floor(y) }),
  };
}

function differenceCells(state: Readonly<State>, data: Data, { width }: Size): Cells[] {
  const to = sharedLength(state);
  const columns = Math.max(1, Math.min(to, Math.round(width)));
  const grid = { from: 0, to, columns, byHead: false };
  const spans = Array.from({ length: columns }, (_, column): Stretch => {
    const [from, end] = columnSpan(grid, column);
    return { from, to: Math.min(end, to) };
  });
  const found = heldIn(state, data, "held of tokens", spans);
  if (!found) return [];
  const { tokens } = state;
  const values = Float32Array.from(found.both, (_, cell) =>
    spans[cell % columns].from < tokens ? mostOf(found, cell) : NaN,
  );
  return [{ columns, values, scale: { scale: "difference" }, parted: { y: 1 } }];
}

function mostOf({ both, onlyFirst, onlySecond }: HeldByTwo, cell: number): number {
  const most = Math.max(both[cell], onlyFirst[cell], onlySecond[cell]);
  if (most === 0) return 2;
  if (both[cell] === most) return 0;
  return onlyFirst[cell] === most ? 1 : -1;
}

/** The steps of the shared text, the last one as far as it is shared. */
function stepsIn({ steps }: Run, common: number): Step[] {
  return steps
    .filter(({ from }) => from < common)
    .map(({ kind, from, to }) => ({ kind, from, to: Math.min(to, common) }));
}

/** Layers against reasoning steps: of what either holds, the share that both hold. */
export function agreementPlot(state: Readonly<State>, data: Data, size: Size): Plot {
  const { cells, steps, names } = data.derive("agreement", () => agreementOf(state, data, size));
  return {
    place: { row: 2, column: 0, columns: 2 },
    least: 16,
    x: { domain: [0, Math.max(1, steps.length)] },
    y: { ...data.derive("layers", () => layerAxis(state.run)), most: tallest },
    cells,
    above: names,
    at: (x, y) => {
      const step = steps[Math.floor(x)];
      return step && { position: step.from, layer: Math.floor(y) };
    },
  };
}

/** A column for each step, as far as there are pixels. */
function agreementOf(state: Readonly<State>, data: Data, { width }: Size) {
  const all = stepsIn(state.run, sharedLength(state));
  const steps = all.slice(0, Math.max(1, Math.round(width)));
  const found = heldIn(state, data, "held of steps", steps);
  const values = found && Float32Array.from(found.both, (_, cell) => agreed(found, [cell]));
  const cells = values ? [{ columns: steps.length, values, scale, parted: { x: 1, y: 1 } }] : [];
  const columns = steps.map(({ kind }, from): Step => ({ kind, from, to: from + 1 }));
  const shown = steps.length < all.length ? `, the first ${steps.length} steps` : "";
  const title = `held in common, by layer and step${shown}`;
  const names: Words[] = [
    { name: "step-names", steps: columns },
    { name: "title", words: [{ at: "start", text: title }] },
  ];
  return { cells, steps, names };
}

const scale = { scale: "agreed" } as const;

/** @param names of this run and the other */
export function comparedLegend([mine, theirs]: readonly [string, string]): Legend {
  return {
    keys: [
      { fill: "onlyThis", text: `only ${mine}` },
      { fill: "onlyOther", text: `only ${theirs}` },
      { fill: "both", text: "both (blank: neither)" },
    ],
    ramp: { scale, low: "nothing in common", high: "all" },
    words: [],
  };
}
