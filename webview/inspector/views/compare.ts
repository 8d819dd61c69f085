/** Two runs of one prompt: who holds what, as far as they say the same. */
import { mean } from "d3";
import { count, percent } from "../../../src/shared/units";
import { agreementByLayer, anyEvicted, commonLength, obstacle } from "../model/comparison";
import { momentAt } from "../model/moment";
import { heldShares, type Grid } from "../model/retention";
import type { Run } from "../model/run";
import { settingWords } from "../model/runWords";
import type { Bar, Bars, Cells, Plot, Scene, Size, Word } from "../scene/scene";
import type { Data } from "../state/data";
import type { State } from "../state/state";
import { nameOf } from "../state/traceData";
import { nothingToShow } from "./parts/absent";
import { figureTable } from "./parts/comparedFigures";
import { layerAxis } from "./parts/layers";
import { selectedToken } from "./parts/positions";

export function compare(state: Readonly<State>, data: Data, size: Size): Scene {
  const { run, other } = state;
  const table = () => figureTable(run, other);
  if (!other) return nothingToShow({ text: alone }, table);
  const text = obstacle(run, other);
  if (text !== undefined) return nothingToShow({ text }, table);
  return {
    sentence: sentence(state, data, other),
    columns: [1, "side"],
    plots: [differencePlot(state, data, size, other), agreementPlot(state, data, other)],
    table,
  };
}

const alone = "One run is open. Compare… lays another one of the same prompt beside it.";

/** Tokens of the text up to which the runs are compared at the moment. */
const comparedUpTo = ({ run, tokens }: Readonly<State>, other: Run): number =>
  Math.min(tokens, commonLength(run, other));

function agreementOf(state: Readonly<State>, data: Data, other: Run): number[] | undefined {
  const upTo = comparedUpTo(state, other);
  const name = [nameOf(other), upTo, state.version].join(" ");
  return data.countedLately(state.run, "compared", name, () =>
    agreementByLayer(state.run, other, upTo),
  );
}

function differencePlot(state: Readonly<State>, data: Data, size: Size, other: Run): Plot {
  const { run, tokens, selected } = state;
  const common = commonLength(run, other);
  const settings = (of: Run): string => settingWords(of, tokens)[1] ?? "";
  const title = (text: string, look: Word["look"]): Word[] => [{ at: "start", text, look }];
  const foot: Word[] = [
    { at: "start", text: "grey: both" },
    { at: "end", text: `they part at ${count(common)}` },
  ];
  const isCommon = selected !== undefined && selected < common;
  return {
    x: { domain: [0, Math.max(1, common)] },
    y: data.derive("layers", () => layerAxis(state.run)),
    cells: [data.derive("difference", () => difference(state, size, other))],
    layers: isCommon ? [selectedToken(state)] : [],
    above: [
      { name: "theirs", words: title(`only the other: ${settings(other)}`, "mark-quiet") },
      { name: "mine", words: title(`only this run: ${settings(run)}`, "blue") },
    ],
    below: [{ name: "foot", words: foot }],
    at: (x, y) => ({ position: Math.floor(x), layer: Math.floor(y) }),
  };
}

/** Cell by cell: held only here (1), by both (0), only there (−1), or by none (2). */
function difference({ run, tokens }: Readonly<State>, { width }: Size, other: Run): Cells {
  const to = Math.max(1, commonLength(run, other));
  const columns = Math.max(1, Math.min(to, Math.round(width)));
  const grid: Grid = { from: 0, to, columns, byHead: false };
  const upTo = Math.min(tokens, to);
  const [mine, theirs] = [run, other].map((one) => heldShares(one, grid, momentAt(one, upTo)));
  const values = mine.map((share, cell) => sideOf(share, theirs[cell]));
  return { columns, values, scale: { scale: "difference" }, parted: { y: 1 } };
}

function sideOf(mine: number, theirs: number): number {
  if (Number.isNaN(mine)) return NaN;
  if (Math.max(mine, theirs) < 0.01) return 2;
  if (Math.abs(mine - theirs) < 0.25) return 0;
  return mine > theirs ? 1 : -1;
}

/** How much of what either holds both hold, layer by layer. */
function agreementPlot(state: Readonly<State>, data: Data, other: Run): Plot {
  const bars = data.derive("agreement", (): Bars => {
    const agreement = agreementOf(state, data, other) ?? [];
    const both = agreement.flatMap((value, layer): Bar[] => {
      const y: [number, number] = [layer, layer + 1];
      return [
        { x: [0, 1], y, fill: "track" },
        { x: [0, value], y, fill: "agreement" },
      ];
    });
    return { along: "y", bars: both };
  });
  return {
    place: { column: 1, row: 0 },
    x: { domain: [0, 1] },
    y: { domain: [0, state.run.header.layers] },
    bars: [bars],
    above: [{ name: "title", words: [{ at: "start", text: "agreement" }] }],
  };
}

function sentence(state: Readonly<State>, data: Data, other: Run): string {
  const { run } = state;
  const lengths = `lengths ${count(run.tokens)} and ${count(other.tokens)}`;
  if (!anyEvicted([run, other], comparedUpTo(state, other)))
    return `neither run has evicted anything at this moment · ${lengths}`;
  const agreement = agreementOf(state, data, other);
  if (!agreement) return lengths;
  return `${percent(mean(agreement) ?? NaN)} of what either holds is held by both · ${lengths}`;
}
