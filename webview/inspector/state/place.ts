/** What stays as it is when another run takes the place of one. */
import type { Run } from "../model/run";
import type { State } from "./state";

/** Layer and head as far as the other run has them; positions only where both read the same prompt. */
export function keptPlace(before: Readonly<State>, run: Run): Partial<State> {
  const { zoom, selected, search, byHead } = before;
  const { layers, kvHeads } = run.header;
  const isSame = hasSamePrompt(before.run, run);
  return {
    layer: Math.min(before.layer, layers - 1),
    head: Math.min(before.head, kvHeads - 1),
    byHead,
    search,
    selected: isSame && (selected ?? Infinity) < run.promptTokens ? selected : undefined,
    // Another array: a zoom that was just set does not go after the moment.
    zoom: isSame && zoom && zoom[1] <= run.tokens ? [zoom[0], zoom[1]] : undefined,
  };
}

function hasSamePrompt(a: Run, b: Run): boolean {
  const [ids, others] = [a, b].map((run) => run.ids.values.subarray(0, run.promptTokens));
  return ids.length === others.length && ids.every((id, position) => id === others[position]);
}
