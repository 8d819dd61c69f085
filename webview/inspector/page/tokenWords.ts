import { quoted, share } from "../model/numbers";
import { rowsOfLine } from "../model/retention";
import { momentOf, type State } from "../state/state";

/** What is known of a token at the moment, in one line for the eye and the screen reader. */
export function tokenWords(state: Readonly<State>, position: number): string {
  const { run, layer } = state;
  const moment = momentOf(state);
  const text = quoted(run.texts[position] ?? "");
  if (position >= moment.tokens) return `${text} at ${position}, not yet decoded`;
  const { evictions, header } = run;
  const inLayer = evictions.heldBy(position, moment.compactions, ...rowsOfLine(run, layer, false));
  const all = evictions.heldBy(position, moment.compactions) / evictions.rowCount;
  return `${text} at ${position}: held by ${inLayer} of ${header.kvHeads} heads of layer ${layer}, ${share(all)} of all heads`;
}
