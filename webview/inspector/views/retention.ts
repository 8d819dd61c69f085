/** Every layer against every token: which share of its heads holds it at the moment. */
import { evictedShares, linesOf, MovingCells, rowsOfLine, type Grid } from "../model/retention";
import type { Cells, Legend, Plot, Scene, Size } from "../scene/scene";
import { rowsMade, type Table } from "../scene/table";
import type { Data } from "../state/data";
import { momentOf, visibleRange, type State } from "../state/state";
import { noTokens, nothingToShow } from "./parts/absent";
import { headOf, layerAxis, lineName } from "./parts/layers";
import { footWords, mapLayers } from "./parts/mapMarks";
import { retentionSentence } from "./parts/retentionWords";

export function retention(state: Readonly<State>, data: Data, size: Size): Scene {
  const { run, byHead } = state;
  const table = () => retentionTable(state);
  if (run.tokens === 0) return nothingToShow(noTokens, table, retentionSentence(state, data));
  return {
    sentence: retentionSentence(state, data),
    plots: [plotOf(state, data, size)],
    legend: data.derive("legend", () => legend(state, size)),
    controls: [
      {
        control: "toggle",
        label: "KV heads",
        tooltip: "One line for each KV head instead of each layer",
        isOn: byHead,
        change: { byHead: !byHead },
      },
    ],
    table,
  };
}

function plotOf(state: Readonly<State>, data: Data, size: Size): Plot {
  const { run, byHead } = state;
  return {
    x: { domain: visibleRange(state) },
    y: data.derive("layers", () => layerAxis(state.run, state.byHead)),
    zooms: true,
    cells: [data.derive("held", () => held(state, data, size)), ...swept(state, size)],
    layers: mapLayers(state),
    above: [data.derive("steps", () => ({ name: "step-names", steps: state.run.steps }))],
    below: footWords(state),
    at: (x, y) => {
      const [position, line] = [Math.floor(x), Math.floor(y)];
      if (position < 0 || position >= run.tokens || line < 0 || line >= linesOf(run, byHead))
        return undefined;
      const { layer, head } = headOf(run, line, byHead);
      return byHead ? { position, layer, head } : { position, layer };
    },
  };
}

/** What a cell is: a layer or one head, of one token or of several that share a pixel. */
function legend(state: Readonly<State>, size: Size): Legend {
  const { byHead, run } = state;
  const { from, to, columns } = gridOf(state, size);
  const tokens = Math.round((to - from) / columns);
  const rows = byHead ? run.evictions.rowCount / linesOf(run, true) : run.header.kvHeads;
  const ends = rows > 1 ? ["no head", "all heads"] : ["evicted", "held"];
  return {
    ramp: { scale: { scale: "held" }, low: ends[0], high: ends[1] },
    keys: [{ fill: "evicted", text: "evicted just now" }],
    words: tokens > 1 ? [`1 pixel = ${tokens} tokens`] : [],
  };
}

/** Columns of whole positions, no more of them than pixels. */
function gridOf(state: Readonly<State>, { width }: Size): Grid {
  const [first, end] = visibleRange(state);
  const [from, to] = [Math.floor(first), Math.ceil(end)];
  const columns = Math.min(Math.max(1, Math.round(width)), to - from);
  return { from, to, columns, byHead: state.byHead };
}

function held(state: Readonly<State>, data: Data, size: Size): Cells {
  const { run, byHead } = state;
  const grid = gridOf(state, size);
  const moving = data.derive("moving", () => new MovingCells());
  return {
    columns: grid.columns,
    values: moving.at(run, grid, momentOf(state)),
    scale: { scale: "held" },
    x: [grid.from, grid.to],
    parted: { y: byHead ? linesOf(run, true) / run.header.layers : 1 },
  };
}

/** What the last compaction evicted, where the sweep passes on its way down the layers. */
function swept(state: Readonly<State>, size: Size): Cells[] {
  const { run, byHead, sweep, compactions } = state;
  if (sweep >= 1 || compactions === 0) return [];
  const grid = gridOf(state, size);
  const values = evictedShares(run, grid, compactions - 1);
  const lines = linesOf(run, byHead);
  for (let line = 0; line < lines; line++)
    if (Math.abs(sweep * 1.3 - line / lines) >= 0.3)
      values.fill(NaN, line * grid.columns, (line + 1) * grid.columns);
  return [{ columns: grid.columns, values, scale: { scale: "evicted" }, x: [grid.from, grid.to] }];
}

function retentionTable(state: Readonly<State>): Table {
  const { run, byHead, tokens, compactions } = state;
  const [from, to] = visibleRange(state);
  const [first, end] = [Math.floor(from), Math.min(Math.ceil(to), tokens)];
  const lines = Array.from({ length: linesOf(run, byHead) }, (_, line) => line);
  const shareOf = (line: number, position: number): number => {
    const [top, bottom] = rowsOfLine(run, line, byHead);
    return Math.fround(run.evictions.heldBy(position, compactions, top, bottom) / (bottom - top));
  };
  return {
    columns: ["position", "token", ...lines.map((line) => lineName(run, line, byHead))],
    rows: rowsMade(Math.max(0, end - first), (index) => [
      first + index,
      run.texts[first + index],
      ...lines.map((line) => shareOf(line, first + index)),
    ]),
  };
}
