/** What many views say and show of positions in the text. */
import { quoted } from "../../model/numbers";
import type { Run } from "../../model/run";
import type { Layer, Mark } from "../../scene/scene";
import type { State } from "../../state/state";

/** “So” at 12 */
export function named(run: Run, position: number): string {
  return `${quoted(run.texts[position] ?? "")} at ${position}`;
}

/** Lines through the token that is pointed at, and through the one that is selected. */
export function chosenTokens({ hovered, selected }: Readonly<State>): Layer {
  const rules: Mark[] = [];
  if (hovered !== undefined) rules.push({ mark: "rule", x: hovered + 0.5, look: "hover-line" });
  if (selected !== undefined) rules.push({ mark: "rule", x: selected + 0.5, look: "hairline" });
  return { name: "hairlines", marks: rules };
}

/** The line through the selected token alone. */
export function selectedToken({ selected }: Readonly<State>): Layer {
  const at = selected === undefined ? [] : [selected + 0.5];
  return { name: "hairlines", marks: at.map((x) => ({ mark: "rule", x, look: "hairline" })) };
}
