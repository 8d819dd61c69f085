/** What forgetting cost: divergence from a full cache along the text, and attention that was lost. */
import { max, mean } from "d3";
import { brief, quoted, score, share } from "../model/numbers";
import { columnSpan, linesOf, rowsOfLine, type Grid } from "../model/retention";
import type { Run } from "../model/run";
import type { Instead, Layer, Plot, Scene, Size, Word } from "../scene/scene";
import { rowsMade, type Table } from "../scene/table";
import type { Data } from "../state/data";
import type { State } from "../state/state";
import { nothingToShow } from "./parts/absent";
import { lineName } from "./parts/layers";
import { lostPlot } from "./parts/lost";
import { alongText, costMarks, gridOf } from "./parts/textAxis";

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
    ...alongText(state),
    y: { domain: [most, 0], labels: { values: labels } },
    layers: [line, ...costMarks(state)],
    above: [{ name: "words", words: title }],
  };
}

/** The largest divergence in each column. */
function curveOf(state: Readonly<State>, size: Size): { line: Layer; most: number } {
  const kl = state.run.divergences.kl.values;
  const points = peaks(kl, gridOf(state, size)).map((at): [number, number] => [
    at + 0.5,
    kl[at] ?? NaN,
  ]);
  return {
    line: { name: "kl", marks: [{ mark: "curve", points, look: "divergence" }] },
    most: max(kl) || 1,
  };
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
