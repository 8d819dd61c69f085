/** What each layer spends its slots on. */
import { max, sum } from "d3";
import { compositions, tokenKinds, type Composition } from "../../model/kinds";
import type { Run } from "../../model/run";
import type { Bar, Bars, Plot } from "../../scene/scene";
import type { Data } from "../../state/data";
import { momentOf, type State } from "../../state/state";
import { windowOf } from "./mapMarks";

/** Slots that each layer spends on each kind of token. */
export function compositionsOf(state: Readonly<State>, data: Data): Composition[] | undefined {
  const { run } = state;
  const moment = momentOf(state);
  const window = windowOf(state);
  return data.counted(run, "kinds", `${moment.tokens} ${moment.compactions}`, () =>
    compositions(run, moment, window),
  );
}

export function kindPlot(state: Readonly<State>, data: Data): Plot {
  const { run } = state;
  const { bars, most } = data.derive("kinds", () => kindBars(compositionsOf(state, data) ?? []));
  return {
    place: { column: 1, row: 0 },
    x: { domain: [0, most] },
    y: { domain: [0, run.header.layers] },
    bars: [bars],
    above: [{ name: "title", words: [{ at: "start", text: "slots by kind", look: "strong" }] }],
    at: layerAt(run),
  };
}

function kindBars(slots: Composition[]): { bars: Bars; most: number } {
  const bars = slots.flatMap((held, layer) => {
    let from = 0;
    return tokenKinds.map((fill): Bar => {
      const start = from;
      from += held[fill];
      return { x: [start, from], y: [layer, layer + 1], fill };
    });
  });
  const total = (held: Composition): number => sum(tokenKinds, (kind) => held[kind]);
  return { bars: { along: "y", bars }, most: max(slots, total) || 1 };
}

/** A point stands for its layer. */
export function layerAt({ header: { layers } }: Run): Plot["at"] {
  return (_, y) => (y >= 0 && y < layers ? { layer: Math.floor(y) } : undefined);
}
