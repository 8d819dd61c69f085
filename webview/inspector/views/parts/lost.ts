/** Attention that fell on evicted tokens, layer by layer or head by head. */
import { lostShares } from "../../model/lostShares";
import { linesOf } from "../../model/retention";
import type { Cells, Plot, Size, Word } from "../../scene/scene";
import type { Data } from "../../state/data";
import type { State } from "../../state/state";
import { headOf, lineName } from "./layers";
import { alongText, costMarks, gridOf } from "./textAxis";

export function lostPlot(state: Readonly<State>, data: Data, size: Size): Plot {
  const { run, byHead } = state;
  const lines = linesOf(run, byHead);
  const values = [
    { at: 0.5, text: lineName(run, 0, byHead) },
    { at: lines - 0.5, text: lineName(run, lines - 1, byHead) },
  ];
  const text = "attention lost to evicted tokens, square-root shade";
  const words: Word[] = [{ at: "start", text, look: "strong" }];
  return {
    ...alongText(state),
    y: { domain: [0, lines], labels: { values } },
    cells: data.derive("lost", () => lostCells(state, data, size)),
    layers: costMarks(state),
    at: (x, y) => {
      const { layer, head } = headOf(run, Math.floor(y), byHead);
      return byHead ? { position: Math.floor(x), layer, head } : { position: Math.floor(x), layer };
    },
    least: 6,
    above: [{ name: "lost-words", words }],
  };
}

function lostCells(state: Readonly<State>, data: Data, size: Size): Cells[] {
  const { run } = state;
  const grid = gridOf(state, size);
  const name = [run.version, ...Object.values(grid).map(String)].join(" ");
  const values = data.counted(run, "lost", name, () => lostShares(run, grid));
  return values ? [{ columns: grid.columns, values, scale: { scale: "lost" } }] : [];
}
