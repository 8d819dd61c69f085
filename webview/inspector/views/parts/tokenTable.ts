import { never } from "../../model/evictions";
import { heldShare, stepAt } from "../../model/moment";
import { rowsOfLine } from "../../model/retention";
import { stepName } from "../../model/stepHistory";
import { momentOf, selectedRange, type State } from "../../state/state";
import { rowsMade, tabbed, type Table } from "../../scene/table";

/** What the trace says of the tokens [from, to) at the moment. */
export function tokenTable(state: Readonly<State>, from: number, to: number): Table {
  const { run } = state;
  const moment = momentOf(state);
  const heldIn = (position: number, layer: number) => {
    const [first, end] = rowsOfLine(run, layer, false);
    return run.evictions.heldBy(position, moment.compactions, first, end) / (end - first);
  };
  const layers = Array.from({ length: run.header.layers }, (_, layer) => layer);
  return {
    columns: [
      "position",
      "token",
      "id",
      "step",
      "log-probability",
      "share held",
      "forgotten by all at compaction",
      "KL, nats",
      ...layers.map((layer) => `held in L${layer}`),
    ],
    rows: rowsMade(Math.max(0, to - from), (index) => {
      const position = from + index;
      const forgotten = run.evictions.forgottenAt(position);
      const step = stepAt(run.steps, position);
      return [
        position,
        run.texts[position],
        run.ids.at(position),
        step < 0 ? "" : stepName(run.steps[step], step),
        run.logProbs.at(position),
        heldShare(run, position, moment),
        forgotten !== never && forgotten < moment.compactions ? forgotten + 1 : "",
        run.divergences.kl.at(position),
        ...layers.map((layer) => (position < moment.tokens ? heldIn(position, layer) : NaN)),
      ];
    }),
  };
}

/** The selected tokens' numbers, as a spreadsheet takes them. */
export function copyOf(state: Readonly<State>): string {
  const [from, to] = selectedRange(state) ?? [0, 0];
  return tabbed(tokenTable(state, from, to));
}
