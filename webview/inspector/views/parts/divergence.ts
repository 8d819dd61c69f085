/** How far the next token's probabilities are from the full cache's, along the text. */
import { max } from "d3";
import { brief } from "../../model/numbers";
import { columnSpan, type Grid } from "../../model/retention";
import type { Layer, Plot, Size, Word } from "../../scene/scene";
import type { Data } from "../../state/data";
import type { State } from "../../state/state";
import { alongText, costMarks, gridOf } from "./textAxis";

export function divergencePlot(state: Readonly<State>, data: Data, size: Size): Plot {
  const { firstOtherToken: first } = state.run.divergences;
  const { line, most } = data.derive("kl", () => curveOf(state, size));
  const title: Word[] = [{ at: "start", text: "KL divergence, nats", look: "strong" }];
  if (first !== undefined)
    title.push({ at: first + 0.5, text: "another token", look: "mark-quiet" });
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
