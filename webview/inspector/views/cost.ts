/** What compression and forgetting cost along the text: speed, memory, time; and, after a replay, divergence. */
import type { Instead, Plot, Scene, Size } from "../scene/scene";
import type { Data } from "../state/data";
import type { State } from "../state/state";
import { nothingToShow } from "./parts/absent";
import { costSentence } from "./parts/costWords";
import { costTable } from "./parts/costTable";
import { divergencePlot } from "./parts/divergence";
import { lanesOf } from "./parts/lanes";
import { lostPlot } from "./parts/lost";

export function cost(state: Readonly<State>, data: Data, size: Size): Scene {
  const { run } = state;
  const sentence = costSentence(state);
  const table = () => costTable(run);
  const lanes = run.figures.length > 0 ? moving(state, data, size) : [];
  const replayed = run.divergences.exist
    ? [divergencePlot(state, data, size), lostPlot(state, data, size)]
    : [];
  const plots = [...replayed, ...lanes];
  if (plots.length === 0) return nothingToShow(notReplayed, table, sentence);
  return {
    sentence,
    rows: plots.map(() => 1),
    plots: plots.map((plot, row): Plot => ({ ...plot, place: { column: 0, row } })),
    instead: run.divergences.exist ? undefined : notReplayed,
    table,
  };
}

const notReplayed: Instead = {
  text: "What did forgetting change? A replay forces the same tokens through a cache that evicts nothing, and compares.",
  act: { does: "replay", words: "Replay with the full cache" },
};

/** The lanes with the moment in them. */
function moving(state: Readonly<State>, data: Data, size: Size): Plot[] {
  const { tokens } = state;
  const moment = { name: "moment", marks: [{ mark: "rule", x: tokens, look: "moment" } as const] };
  return data
    .derive("lanes", () => lanesOf(state, size))
    .map((lane) => ({
      ...lane,
      layers: [...(lane.layers ?? []), moment],
      at: (x) => ({ moment: x }),
    }));
}
