/** Do heads agree, and what does each layer spend its slots on? */
import { percent } from "../../../src/shared/units";
import { headAgreement, layerAgreement, type Agreement } from "../model/agreement";
import { tokenKinds, type Composition } from "../model/kinds";
import type { Run } from "../model/run";
import type { Cells, Plot, Scene } from "../scene/scene";
import type { Table } from "../scene/table";
import type { Data } from "../state/data";
import type { State } from "../state/state";
import { counting, noTokens, nothingToShow } from "./parts/absent";
import { compositionsOf, kindPlot, layerAt } from "./parts/kindPlot";
import { layerAxis } from "./parts/layers";

export function heads(state: Readonly<State>, data: Data): Scene {
  const { run, layer } = state;
  const agreement = agreementOf(state, data);
  const slots = compositionsOf(state, data);
  const table = () => kindTable(run, agreement, slots);
  if (run.tokens === 0) return nothingToShow(noTokens, table);
  if (!agreement || !slots) return nothingToShow(counting, table);
  const within = percent(layerAgreement(agreement, layer, run.header.kvHeads));
  return {
    sentence: `layer ${layer}: its heads hold ${within} in common`,
    columns: [46, 54],
    plots: [agreementPlot(state, data), kindPlot(state, data)],
    legend: { keys, words: [] },
    table,
  };
}

const keys = tokenKinds.map((kind) => ({ fill: kind, text: kind }));

function agreementOf(state: Readonly<State>, data: Data): Agreement | undefined {
  const { tokens, compactions } = state;
  return data.counted(state.run, "agreement", `${tokens} ${compactions}`, () =>
    headAgreement(state.run, { tokens, compactions }),
  );
}

function agreementPlot(state: Readonly<State>, data: Data): Plot {
  const { run, layer } = state;
  const { layers } = run.header;
  return {
    x: { domain: [0, layers] },
    y: data.derive("layers", () => layerAxis(state.run)),
    isSquare: true,
    cells: [data.derive("agreement", () => agreementCells(agreementOf(state, data)))],
    layers: [
      { name: "chosen", marks: [{ mark: "box", y: [layer, layer + 1], look: "selected-frame" }] },
    ],
    above: [
      { name: "title", words: [{ at: "start", text: "agreement of heads", look: "strong" }] },
    ],
    at: layerAt(run),
  };
}

function agreementCells(agreement: Agreement | undefined): Cells {
  const { rows, values } = agreement ?? { rows: [], values: new Float32Array() };
  return { columns: rows.length, values, scale: { scale: "held" } };
}

function kindTable(
  { header: { kvHeads } }: Run,
  agreement: Agreement | undefined,
  slots: Composition[] = [],
): Table {
  return {
    columns: ["layer", "agreement of its heads", ...tokenKinds.map((kind) => `${kind}, slots`)],
    rows: slots.map((held, index) => [
      index,
      agreement ? layerAgreement(agreement, index, kvHeads) : NaN,
      ...tokenKinds.map((kind) => held[kind]),
    ]),
  };
}
