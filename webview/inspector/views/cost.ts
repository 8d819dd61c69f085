/** What forgetting cost: divergence from a full cache along the text, and attention that was lost. */
import { max, mean } from "d3";
import { lostShares } from "../model/lostShares";
import { brief, quoted, score, share } from "../model/numbers";
import { columnSpan, linesOf, rowsOfLine, type Grid } from "../model/retention";
import type { Run } from "../model/run";
import { nothingToShow, type Cells, type Instead, type Layer, type Plot } from "../scene/scene";
import type { Scene, Size, Target, Word } from "../scene/scene";
import { rowsMade, type Table } from "../scene/table";
import type { Data } from "../state/data";
import { visibleRange, type State } from "../state/state";
import { lineName } from "./parts/layers";
import { selectedToken } from "./parts/positions";

export function cost(state: Readonly<State>, data: Data, size: Size): Scene {
  const { run } = state;
  const table = () => costTable(run);
  if (!run.divergences.exist) return nothingToShow(notReplayed, table);
  return {
    sentence: sentence(state),
    rows: [1, 1],
    plots: [divergencePlot(state, data, size), lostPlot(state, data, size)],
    table,
  };
}

const notReplayed: Instead = {
  text: "Not replayed yet. “Replay with full cache” forces the same tokens through a cache that evicts nothing, and finds what forgetting changed.",
};

function divergencePlot(state: Readonly<State>, data: Data, size: Size): Plot {
  const { firstOtherToken: first } = state.run.divergences;
  const { line, most } = data.derive("kl", () => curveOf(state, size));
  const says = `full cache says otherwise first at ${first ?? ""}`;
  const title: Word[] = [{ at: "start", text: "KL(full ‖ evicted), nats", look: "strong" }];
  if (first !== undefined) title.push({ at: "end", text: says, look: "mark-quiet" });
  const labels = [
    { at: most, text: brief(most) },
    { at: 0, text: "0" },
  ];
  return {
    ...along(state),
    y: { domain: [most, 0], labels: { values: labels } },
    layers: [line, ...marks(state)],
    above: [{ name: "words", words: title }],
  };
}

/** What both plots share: the text, as far as it is in sight. */
function along(state: Readonly<State>): Pick<Plot, "x" | "zooms" | "at"> {
  const at = (x: number): Target => ({ position: Math.floor(x) });
  return { x: { domain: visibleRange(state) }, zooms: true, at };
}

function marks(state: Readonly<State>): Layer[] {
  const first = state.run.divergences.firstOtherToken;
  const at = first === undefined ? [] : [first + 0.5];
  const other = at.map((x) => ({ mark: "rule", x, look: "spared-line" }) as const);
  return [{ name: "first-other", marks: other }, selectedToken(state)];
}

/** The largest divergence in each column. */
function curveOf(state: Readonly<State>, size: Size): { line: Layer; most: number } {
  const kl = state.run.divergences.kl.values;
  const points = peaks(kl, gridOf(state, size)).map((at): [number, number] => [at + 0.5, kl[at]]);
  return {
    line: { name: "kl", marks: [{ mark: "curve", points, look: "divergence" }] },
    most: max(kl) || 1,
  };
}

function gridOf(state: Readonly<State>, { width }: Size): Grid {
  const [from, to] = visibleRange(state).map(Math.round);
  const columns = Math.max(1, Math.min(to - from, Math.round(width)));
  return { from, to, columns, byHead: state.byHead };
}

function lostPlot(state: Readonly<State>, data: Data, size: Size): Plot {
  const { run, byHead } = state;
  const lines = linesOf(run, byHead);
  const values = [
    { at: 0.5, text: lineName(run, 0, byHead) },
    { at: lines - 0.5, text: lineName(run, lines - 1, byHead) },
  ];
  const words: Word[] = [
    { at: "start", text: "attention lost to evicted tokens (square-root shade)" },
  ];
  return {
    ...along(state),
    place: { column: 0, row: 1 },
    y: { domain: [0, lines], labels: { values } },
    cells: data.derive("lost", () => lostCells(state, data, size)),
    layers: marks(state),
    below: [{ name: "lost-words", words }],
  };
}

function lostCells(state: Readonly<State>, data: Data, size: Size): Cells[] {
  const { run } = state;
  const grid = gridOf(state, size);
  const name = [run.version, ...Object.values(grid).map(String)].join(" ");
  const values = data.counted(run, "lost", name, () => lostShares(run, grid));
  return values ? [{ columns: grid.columns, values, scale: { scale: "lost" } }] : [];
}

/** The position of the largest value in each column. */
function peaks(values: Float32Array, grid: Grid): number[] {
  return Array.from({ length: grid.columns }, (_, column) => {
    const [from, to] = columnSpan(grid, column);
    let peak = from;
    for (let position = from; position < to; position++)
      if (values[position] > values[peak] || Number.isNaN(values[peak])) peak = position;
    return peak;
  });
}

function sentence({ run, selected }: Readonly<State>): string {
  const { kl } = run.divergences;
  if (selected === undefined) return `mean KL ${score(mean(kl.values) ?? NaN)} nats per token`;
  const token = quoted(run.texts[selected]);
  if (Number.isNaN(kl.at(selected))) return `${token} was not predicted`;
  const lost = share(run.divergences.meanLostAttention(selected));
  return `${token}: KL ${score(kl.at(selected))} nats, ${lost} of attention lost`;
}

function costTable(run: Run): Table {
  const { divergences } = run;
  const lines = Array.from({ length: linesOf(run, true) }, (_, line) => line);
  const names = lines.map((line) => `lost in ${lineName(run, line, true)}`);
  return {
    columns: ["position", "token", "KL, nats", "same token", ...names],
    rows: rowsMade(divergences.kl.length, (position) => [
      position,
      run.texts[position] ?? "",
      divergences.kl.at(position),
      divergences.sameToken.at(position) === 1 ? "yes" : "no",
      ...lines.map((line) =>
        divergences.meanLostAttention(position, ...rowsOfLine(run, line, true)),
      ),
    ]),
  };
}
