/** Plots along the text, as far as it is in sight. */
import type { Grid } from "../../model/retention";
import type { Layer, Plot, Size, Target } from "../../scene/scene";
import { visibleRange, type State } from "../../state/state";
import { selectedToken } from "./positions";

export function alongText(state: Readonly<State>): Pick<Plot, "x" | "zooms" | "at"> {
  const at = (x: number): Target => ({ position: Math.floor(x) });
  return { x: { domain: visibleRange(state) }, zooms: true, at };
}

/** The selected token, and the first that the full cache would have chosen otherwise. */
export function costMarks(state: Readonly<State>): Layer[] {
  const first = state.run.divergences.firstOtherToken;
  const at = first === undefined ? [] : [first + 0.5];
  const other = at.map((x) => ({ mark: "rule", x, look: "spared-line" }) as const);
  return [{ name: "first-other", marks: other }, selectedToken(state)];
}

/** Columns of whole positions, no more of them than pixels. */
export function gridOf(state: Readonly<State>, { width }: Size): Grid {
  const [from, to] = visibleRange(state).map(Math.round);
  const columns = Math.max(1, Math.min(to - from, Math.round(width)));
  return { from, to, columns, byHead: state.byHead };
}
