/** The life of one token, drawn under the decision about it. */
import { birth, lifeLine } from "../../model/lifeLine";
import { linesOf } from "../../model/retention";
import type { Plot } from "../../scene/scene";
import type { Data } from "../../state/data";
import type { State } from "../../state/state";
import { headOf } from "./layers";

export function lifePlot(state: Readonly<State>, data: Data, position: number): Plot {
  const { run, compactions } = state;
  const first = birth(run, position);
  const lines = linesOf(run, true);
  const { layers } = run.header;
  const now = { mark: "rule", x: compactions, look: "moment" } as const;
  return {
    place: { column: 0, row: 1 },
    least: 26,
    x: { domain: [first, run.compactions.length] },
    y: {
      domain: [0, lines],
      labels: {
        values: [
          { at: lines / (2 * layers), text: "L0" },
          ...(layers > 1 ? [{ at: lines, text: `L${layers - 1}` }] : []),
        ],
      },
    },
    cells: [data.derive("life", () => cellsOf(state, position))],
    at: (x, y) => {
      const compaction = run.compactions[Math.floor(x)];
      return compaction && { moment: compaction.position, ...headOf(run, Math.floor(y), true) };
    },
    layers: [{ name: "moment", marks: compactions > first ? [now] : [] }],
    below: [
      {
        name: "life",
        words: [
          { at: "start", text: "its life, head by head" },
          { at: "end", text: `compactions ${first + 1} to ${run.compactions.length}` },
        ],
      },
    ],
  };
}

function cellsOf({ run, selected }: Readonly<State>, position: number) {
  const { columns, cells } = lifeLine(run, selected ?? position);
  return { columns, values: cells, scale: { scale: "life" as const } };
}
