/** The matrix of what went: steps × compactions, and what a click on it leads to. */
import { max } from "d3";
import { stepAt } from "../../model/moment";
import type { StepHistory } from "../../model/stepHistory";
import type { Rows } from "../../model/survival";
import type { Cells, Layer, Mark, Plot, Scene, Size, Target } from "../../scene/scene";
import type { Data } from "../../state/data";
import type { State } from "../../state/state";
import { evenly, historyOf, historyOfHead, stepAxes } from "./history";

/** Height of a step, in pixels, that is enough. */
const tallest = 22;

/** The rows [first, end) that are looked at: the chosen head's, or all. */
export function rowsSeen({ run, layer, head, oneHead }: Readonly<State>): Rows {
  const row = layer * run.header.kvHeads + head;
  return oneHead ? [row, row + 1] : [0, run.evictions.rowCount];
}

export function lossesOf(state: Readonly<State>, data: Data): StepHistory[] | undefined {
  return state.oneHead ? historyOfHead(state, data) : historyOf(state, data);
}

/** A step, by its index, and a compaction. */
export interface Cell {
  step: number;
  compaction: number;
}

/** Where the selected token went from the chosen head, as far as the moment has come. */
export function pickedCell(state: Readonly<State>): Cell | undefined {
  const { run, selected, layer, head, compactions } = state;
  if (selected === undefined) return undefined;
  const row = layer * run.header.kvHeads + head;
  const compaction = run.evictions.evictedAt(row, selected);
  const step = stepAt(run.steps, selected);
  return compaction < compactions && step >= 0 ? { step, compaction } : undefined;
}

export function evictedPlot(state: Readonly<State>, data: Data, size: Size): Plot {
  const { run } = state;
  const steps = lossesOf(state, data) ?? [];
  const { cells, x, labels, below } = data.derive("matrix", () => drawn(state, data, size));
  return {
    x,
    y: { domain: [0, steps.length], labels, most: tallest },
    cells: [cells],
    layers: [chosen(state)],
    below,
    at: (across, down) => {
      const cell = { step: Math.floor(down), compaction: Math.floor(across) };
      return run.compactions[cell.compaction] && targetOf(state, steps, cell);
    },
  };
}

/** What stays of the plot while the moment moves. */
function drawn(state: Readonly<State>, data: Data, size: Size) {
  const steps = lossesOf(state, data) ?? [];
  return Object.assign(stepAxes(state.run, steps), { cells: cellsOf(state, size, steps) });
}

/** Slots that went of each step at each compaction; a cell stands for several where they share a pixel. */
function cellsOf({ run }: Readonly<State>, { width, height }: Size, steps: StepHistory[]): Cells {
  const all = run.compactions.length;
  const columns = evenly(all, width).length;
  const lines = evenly(steps.length, height).length;
  const values = new Float32Array(columns * lines);
  steps.forEach(({ survival }, step) => {
    const line = Math.floor((step * lines) / steps.length);
    survival.forEach((compaction, evicted) => {
      values[line * columns + Math.floor((compaction * columns) / all)] += evicted;
    });
  });
  const scale = { scale: "count" as const, most: max(values) || 1 };
  return { columns, values, scale, parted: { x: 1, y: 1 } };
}

/** The token of a cell that is explained first: one that the chosen head let go, where there is one. */
export function targetOf(
  { run, layer, head }: Readonly<State>,
  steps: readonly StepHistory[],
  { step: index, compaction }: Cell,
): Target | undefined {
  const moment = run.compactions[compaction]?.position;
  const first = steps[index]?.survival.firstIn(compaction);
  if (moment === undefined) return undefined;
  if (!first) return { moment };
  const { kvHeads } = run.header;
  const own = run.evictions.row(layer * kvHeads + head);
  const { from, to } = steps[index].step;
  const at = own.subarray(from, to).indexOf(compaction);
  if (at >= 0) return { position: from + at, layer, head, moment };
  const { position, row } = first;
  return { position, layer: Math.floor(row / kvHeads), head: row % kvHeads, moment };
}

function chosen(state: Readonly<State>): Layer {
  const { compactions } = state;
  const cell = pickedCell(state);
  const marks: Mark[] = [];
  if (compactions > 0)
    marks.push({ mark: "box", x: [compactions - 1, compactions], look: "moment-frame" });
  if (cell) {
    const { step, compaction } = cell;
    const [x, y] = [compaction, step].map((at): [number, number] => [at, at + 1]);
    marks.push({ mark: "box", x, y, look: "selected-frame" });
  }
  return { name: "moment", marks };
}

/** To the steps and compactions beside the picked cell that lost something. */
export function cellArrows(state: Readonly<State>, steps: readonly StepHistory[]): Scene["arrows"] {
  const { compactions } = state.run;
  const from = pickedCell(state) ?? { step: 0, compaction: Math.max(0, state.compactions - 1) };
  const along = (down: number, right: number): Target => {
    let [step, compaction] = [from.step + down, from.compaction + right];
    while (steps[step] && compactions[compaction]) {
      if (steps[step].survival.firstIn(compaction))
        return targetOf(state, steps, { step, compaction }) ?? {};
      step += down;
      compaction += right;
    }
    return {};
  };
  return {
    ArrowUp: along(-1, 0),
    ArrowDown: along(1, 0),
    ArrowLeft: along(0, -1),
    ArrowRight: along(0, 1),
  };
}
